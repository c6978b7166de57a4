import { warnOnce } from './warn-once.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The value of an environment variable; an empty one counts as unset:
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#parsing-empty-value
 *
 * @example
 * const path = options.path ?? fromEnvironment('COSTSPAN_DB') ?? 'costs.db'; // code, then environment, then default
 */
export function fromEnvironment(name: string, env: Environment = process.env): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** `true` and `false`, in upper or lower case; anything else counts as `false`, with a warning. */
export function flagFromEnvironment(name: string, env: Environment = process.env): boolean | undefined {
  const value = fromEnvironment(name, env)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false')
    warnOnce(`${name} is neither 'true' nor 'false' and counts as 'false'.`);
  return value === 'true';
}

/** `OTEL_SDK_DISABLED=true`: telemetry is off in this process, ours with it. Said once. */
export function isSdkDisabled(env: Environment = process.env): boolean {
  const disabled = flagFromEnvironment('OTEL_SDK_DISABLED', env) === true;
  if (disabled) warnOnce('OTEL_SDK_DISABLED is true, so no call is observed and no cost is recorded.');
  return disabled;
}

/** A number above 0; anything else counts as unset, with a warning. */
export function countFromEnvironment(name: string, env: Environment = process.env): number | undefined {
  const value = fromEnvironment(name, env);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  warnOnce(`${name} is not a number above 0 and is not used.`);
  return undefined;
}

/** One of the known values; anything else counts as unset, with a warning. */
export function choiceFromEnvironment<const Choice extends string>(
  name: string,
  choices: readonly Choice[],
  env: Environment = process.env,
): Choice | undefined {
  const value = fromEnvironment(name, env)?.toLowerCase();
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice === undefined) warnOnce(`${name} is none of ${choices.join(', ')} and is not used.`);
  return choice;
}
