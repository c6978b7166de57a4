import { checkFields, type Kind, type KindsOf, required } from '../../base/options.ts';
import { type JsonObject, known, object } from '../../base/read.ts';
import type { OpenedLedger } from '../../ledger/ledger.ts';

/** One input of a tool: what it accepts, for our own check and as JSON Schema. */
export interface Input<T> {
  readonly kind: Kind<T>;
  readonly schema: JsonObject;
  readonly required?: true;
}

export type InputsOf<T> = { readonly [Name in keyof T]-?: Input<Exclude<T[Name], undefined>> };

/** What a tool says: a few lines to read, and the whole answer as data. */
export interface Answer {
  readonly text: string;
  readonly data: JsonObject;
}

/** A question that an assistant may ask a ledger. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject;
  /** @throws {CostspanError} for an input that cannot be understood, with what was expected. */
  answer(ledger: OpenedLedger, given: unknown): Promise<Answer>;
}

export interface ToolDefinition<T> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputs: InputsOf<T>;
  readonly outputSchema: JsonObject;
  answer(ledger: OpenedLedger, input: T): Promise<Answer>;
}

/** A tool whose inputs are checked before it answers. Names are snake_case outside and camelCase inside. */
export function defineTool<T extends object>(definition: ToolDefinition<T>): Tool {
  const { name, title, description, inputs, outputSchema } = definition;
  const entries = Object.entries<Input<unknown>>(inputs);
  const kinds = Object.fromEntries(
    entries.map(([key, input]) => [key, input.required === true ? required(input.kind) : input.kind]),
  ) as KindsOf<T>;
  return {
    name,
    title,
    description,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([key, { schema }]) => [snakeCase(key), schema])),
      ...known({ required: requiredNames(entries) }),
      additionalProperties: false,
    },
    outputSchema,
    async answer(ledger, given) {
      const input = camelKeys(given);
      checkFields<T>(name, input, kinds);
      return definition.answer(ledger, input as T);
    },
  };
}

function requiredNames(entries: readonly [string, Input<unknown>][]): readonly string[] | undefined {
  const names = entries.filter(([, input]) => input.required === true).map(([key]) => snakeCase(key));
  return names.length === 0 ? undefined : names;
}

/** Assistants often send `null` for what they leave out. */
function camelKeys(given: unknown): unknown {
  if (given === undefined || given === null) return {};
  const values = object(given);
  if (values === undefined) return given;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [camelCase(key), value]),
  );
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
