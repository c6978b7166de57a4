import type { JsonObject } from '../base/read.ts';
import type { BatchLine, Endpoint, Reading, ReadingContext } from './reading.ts';

/**
 * How one API speaks: its calls, and the readers of what it says, as data and pure functions. A provider speaks one or
 * several wires; many providers speak the same one.
 */
export interface Wire {
  /** What the records of providers call it: `openai`. */
  readonly name: string;
  /** Every call that costs, or that could be mistaken for one that does. The first row that fits wins. */
  readonly endpoints: readonly Endpoint[];
  /** Tells replies apart where the address is not known. */
  readonly shapes?: readonly Shape[];
  /** The same for requests whose reply is sound, or says nothing. */
  readonly requestShapes?: readonly Shape[];
  /** The path of the row that reads replies of any other shape. Shapes of other providers' wires are then not tried. */
  readonly anyShape?: string;
  /** The most output tokens that a request allows; undefined when it sets no limit. */
  readonly outputLimit?: (request: JsonObject) => number | undefined;
  /** One line of a batch's results; undefined when it is none. */
  readonly readLine?: (line: unknown) => BatchLine | undefined;
  /** What one event of a WebSocket session bills; undefined when it bills nothing. */
  readonly readSessionEvent?: (event: unknown, context: ReadingContext) => SessionReading | undefined;
}

/** A reply, or a request, that looks like this belongs to the POST at `path` of the same wire. */
export interface Shape {
  readonly path: string;
  readonly fits: (fields: JsonObject) => boolean;
  /** Others look like this as well: tried when nothing else fits. */
  readonly vague?: boolean;
}

/** What one server event of a WebSocket session bills. */
export interface SessionReading {
  /** `gen_ai.operation.name`: `chat`, `transcription`, `live_session`. */
  readonly operation: string;
  readonly reading: Reading;
}

/** Whether any of the fields is there, whatever it says. */
export function has(fields: JsonObject | undefined, ...names: readonly string[]): boolean {
  return fields !== undefined && names.some((name) => name in fields);
}

export function startsWith(value: unknown, prefix: string): boolean {
  return typeof value === 'string' && value.startsWith(prefix);
}
