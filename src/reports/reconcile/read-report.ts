import { parse } from 'csv-parse/sync';
import { ConfigError, describe } from '../../base/errors.ts';
import { decimal, type JsonObject, list, object } from '../../base/read.ts';
import { anthropicReport } from './anthropic.ts';
import { openaiReport } from './openai.ts';
import {
  defined,
  linesOfPage,
  type ProviderLine,
  type ProviderReport,
  type ReportingProvider,
  type ReportSource,
} from './provider-report.ts';

export const SOURCES: Readonly<Record<ReportingProvider, ReportSource>> = {
  openai: openaiReport,
  anthropic: anthropicReport,
};

/**
 * A provider's report as it was downloaded: the pages of its API as JSON (one, a list of them, or one per line), or CSV.
 *
 * @throws {ConfigError} for what is no such report.
 */
export function readProviderReport(provider: ReportingProvider, content: unknown): ProviderReport {
  const source = sourceOf(provider);
  if (typeof content === 'string' && !/^\s*[[{]/.test(content))
    return { provider, lines: linesOfCsv(content) };
  const lines = pagesOf(content).flatMap((page) => linesOfPage(page, source));
  if (lines.length === 0 && !pagesOf(content).some((page) => Array.isArray(page.data)))
    throw new ConfigError(
      `reconcile: expected a usage or cost report of ${provider}, as its API answers it ({ "data": [...] }) or as CSV, got ${describe(content)}.`,
    );
  return { provider, lines };
}

export function sourceOf(provider: unknown): ReportSource {
  if (typeof provider === 'string' && Object.hasOwn(SOURCES, provider))
    return SOURCES[provider as ReportingProvider];
  throw new ConfigError(
    `reconcile: expected 'provider' to be one of ${Object.keys(SOURCES).join(', ')}, got ${describe(provider)}.`,
  );
}

function pagesOf(content: unknown): JsonObject[] {
  if (typeof content !== 'string')
    return (Array.isArray(content) ? list(content) : [content]).flatMap((page): JsonObject[] => {
      const known = object(page);
      return known === undefined ? [] : [known];
    });
  try {
    return pagesOf(JSON.parse(content));
  } catch {
    return content.split('\n').flatMap((line) => {
      try {
        return line.trim() === '' ? [] : pagesOf(JSON.parse(line));
      } catch (cause) {
        throw new ConfigError('reconcile: the report is neither JSON, nor JSON lines, nor CSV.', { cause });
      }
    });
  }
}

/** What columns are called in the providers' downloads, past and present. */
const COLUMNS: Readonly<Record<keyof ProviderLine, readonly string[]>> = {
  day: ['day', 'date', 'start_time_iso', 'start_time', 'starting_at', 'usage_date_utc', 'usage_date'],
  model: ['model', 'model_version', 'line_item', 'snapshot_id'],
  tier: ['service_tier', 'tier', 'usage_type'],
  batch: ['batch'],
  key: ['api_key_id', 'api_key', 'key'],
  calls: ['num_model_requests', 'requests', 'calls', 'n_requests'],
  inputTokens: ['input_tokens', 'n_context_tokens_total', 'usage_input_tokens_no_cache'],
  outputTokens: ['output_tokens', 'n_generated_tokens_total', 'usage_output_tokens'],
  cost: ['amount_value', 'cost', 'cost_usd', 'amount', 'list_amount'],
  currency: ['amount_currency', 'currency'],
};

/** Columns that Anthropic's download counts beside the uncached input. */
const MORE_INPUT = [
  'usage_input_tokens_cache_write_5m',
  'usage_input_tokens_cache_write_1h',
  'usage_input_tokens_cache_read',
];

function linesOfCsv(csv: string): ProviderLine[] {
  const records = parse(csv, {
    columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
    skip_empty_lines: true,
    bom: true,
  }) as Record<string, string>[];
  const [first] = records;
  if (first !== undefined && !COLUMNS.day.some((name) => name in first))
    throw new ConfigError(
      `reconcile: the CSV has no column for the day. Expected one of ${COLUMNS.day.join(', ')}; it has ${Object.keys(first).join(', ')}.`,
    );
  return records.flatMap((record) => {
    const read = (field: keyof ProviderLine): string | undefined =>
      COLUMNS[field].map((name) => record[name]).find((value) => value !== undefined && value !== '');
    const day = dayOfText(read('day'));
    if (day === undefined) return [];
    const input = [read('inputTokens'), ...MORE_INPUT.map((name) => record[name])].flatMap(
      (value) => numberOf(value) ?? [],
    );
    const batch = read('batch');
    return [
      defined({
        day,
        model: read('model')?.split(',')[0],
        tier: read('tier'),
        batch: batch === undefined ? undefined : /^(true|1|batch)$/i.test(batch),
        key: read('key'),
        calls: numberOf(read('calls')),
        inputTokens: input.length === 0 ? undefined : input.reduce((a, b) => a + b, 0),
        outputTokens: numberOf(read('outputTokens')),
        cost: decimal(read('cost')),
        currency: read('currency')?.toUpperCase(),
      }),
    ];
  });
}

function dayOfText(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const date = /^\d{9,}$/.test(value) ? new Date(Number(value) * 1000) : new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

function numberOf(value: string | undefined): number | undefined {
  return value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
}
