import { ConfigError, describe } from '../base/errors.ts';
import { kind, type Kind } from '../base/options.ts';
import { object } from '../base/read.ts';

/** An address that can be posted to, so that no event is lost to one that cannot. */
export const httpAddress: Kind<string> = kind('an http or https address', (value) =>
  /^https?:$/.test(typeof value === 'string' ? (URL.parse(value)?.protocol ?? '') : ''),
);

/** Headers that can be sent; what is wrong with one is said by its name. */
export const httpHeaders: Kind<never> = (value, path) => {
  if (object(value) === undefined) return 'an object';
  checkHeaders(path.replace(/: headers$/, ''), value);
  return undefined;
};

/**
 * Refuses headers that could never be sent: a name with a blank, a value that is neither text nor a function, or
 * has a line break in it. Values are not repeated: they may be keys.
 */
function checkHeaders(where: string, headers: unknown): void {
  for (const [name, value] of Object.entries(object(headers) ?? {})) {
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name))
      throw new ConfigError(
        `${where}: expected the names in 'headers' to be header names, got ${describe(name)}.`,
      );
    if (typeof value === 'function') continue;
    if (typeof value !== 'string')
      throw new ConfigError(
        `${where}: expected the header '${name}' to be a string or a function, got ${describe(value)}.`,
      );
    if (!isSendable(value))
      throw new ConfigError(
        `${where}: the value for the header '${name}' cannot be sent: it contains a line break or a character beyond Latin-1.`,
      );
  }
}

function isSendable(value: string): boolean {
  try {
    return new Headers({ name: value }).has('name');
  } catch {
    return false;
  }
}
