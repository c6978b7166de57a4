import type { JsonObject } from '../../base/read.ts';
import type { CostEventFields } from '../../metering/cost-event.ts';
import type { UsageJson } from '../../usage/usage.ts';

/** One call as another tool kept it, in our words. What it did not keep is absent. */
export interface ImportedCall {
  /** What tells it from every other call of that tool: the same row is the same event, however often it is read. */
  readonly key: string;
  readonly timestamp: Date;
  readonly provider: string;
  readonly model?: string;
  readonly operation?: string;
  readonly customer?: string;
  readonly context?: JsonObject;
  readonly responseId?: string;
  readonly serviceTier?: string;
  /** Counts as the tool kept them, cached input included in the input. */
  readonly usage?: UsageJson;
  /** The provider's own usage block; it goes before `usage`. */
  readonly usageRaw?: JsonObject;
  /** What the tool says it cost, in US dollars. */
  readonly cost?: string;
  readonly status?: CostEventFields['status'];
  readonly errorType?: string;
  readonly durationMs?: number;
  readonly timeToFirstTokenMs?: number;
  readonly stream?: boolean;
}

/** A tool whose data is read. One file each, and one line in `sources.ts`. */
export interface ImportSource {
  /** For `--from`. */
  readonly name: string;
  readonly title: string;
  /** Whether a row looks like one of its own. */
  matches(row: JsonObject): boolean;
  /** A list of rows inside one: `{ tracked: [...] }`. */
  readonly envelope?: string;
  /** Undefined when the row is no call (a trace, a span); throws an `ImportError` when it is one and cannot be read. */
  read(row: JsonObject): ImportedCall | undefined;
  /** Fields that are read. Others that have a value are listed as not carried over. */
  readonly carried: ReadonlySet<string>;
}

/** Why a row cannot become an event. */
export class ImportError extends Error {}
