import { type Decimal, exact, formatDecimal } from '../../base/decimal.ts';
import { decimal, type JsonObject, list, object } from '../../base/read.ts';

export type ReportingProvider = 'openai' | 'anthropic';

/** One line of a provider's own usage or cost report. What it does not say is absent. */
export interface ProviderLine {
  /** UTC, `2026-11-20`: providers count by UTC days. */
  readonly day: string;
  readonly model?: string;
  readonly tier?: string;
  readonly batch?: boolean;
  /** The id of the key that was used. */
  readonly key?: string;
  readonly calls?: number;
  /** Cache reads and writes included. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cost?: Decimal;
  readonly currency?: string;
}

export interface ProviderReport {
  readonly provider: ReportingProvider;
  readonly lines: readonly ProviderLine[];
}

/** How a provider's administration API reports: where to ask, and how a result is read. */
export interface ReportSource {
  readonly baseUrl: string;
  /** One request per report; pages are followed. */
  readonly paths: (start: Date, end: Date) => readonly string[];
  readonly headers: (adminKey: string) => Readonly<Record<string, string>>;
  /** One result of a bucket. */
  readonly line: (result: JsonObject, day: string) => ProviderLine | undefined;
  /** When a bucket begins. */
  readonly dayOf: (bucket: JsonObject) => string | undefined;
}

/** The lines of one page: `{ data: [{ start…, results: [...] }] }`. */
export function linesOfPage(page: JsonObject, source: ReportSource): ProviderLine[] {
  return list(page.data).flatMap((each) => {
    const bucket = object(each) ?? {};
    const day = source.dayOf(bucket);
    if (day === undefined) return [];
    return list(bucket.results).flatMap((result) => source.line(object(result) ?? {}, day) ?? []);
  });
}

/** A line without the fields nobody knows. */
export function defined(
  fields: { readonly [Key in keyof ProviderLine]: ProviderLine[Key] | undefined } & { readonly day: string },
): ProviderLine {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as ProviderLine;
}

/** Cents, which may have a fraction, as a decimal of the whole unit. */
export function fromCents(value: unknown): Decimal | undefined {
  const cents = decimal(value);
  if (cents === undefined) return undefined;
  const { digits, scale } = exact(cents);
  return formatDecimal({ digits, scale: scale + 2 });
}
