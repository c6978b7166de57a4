import { CostspanError } from '../../base/errors.ts';
import { jsonValue, object, text } from '../../base/read.ts';
import {
  linesOfPage,
  type ProviderLine,
  type ProviderReport,
  type ReportingProvider,
} from './provider-report.ts';
import { sourceOf } from './read-report.ts';

export interface FetchReportOptions {
  readonly provider: ReportingProvider;
  readonly start: Date;
  readonly end: Date;
  /** A key of the organisation's administrator; an ordinary key is refused by the provider. */
  readonly adminKey: string;
  /** Default: the provider's own. */
  readonly baseUrl?: string;
}

/** No report has more pages; a server that always says "there is more" is not asked for ever. */
const MAX_PAGES = 1_000;
const MAX_ATTEMPTS = 6;

/**
 * Asks a provider's administration API for the usage and the costs of a period, page by page.
 *
 * @throws {CostspanError} `REPORT_FAILED`: what was asked and what the provider answered; never the key.
 */
export async function fetchProviderReport(options: FetchReportOptions): Promise<ProviderReport> {
  const { provider, start, end, adminKey } = options;
  const source = sourceOf(provider);
  const base = (options.baseUrl ?? source.baseUrl).replace(/\/+$/, '');
  const lines: ProviderLine[] = [];
  for (const path of source.paths(start, end)) {
    let page: string | undefined;
    for (let number = 0; number < MAX_PAGES; number++) {
      const url = new URL(base + path);
      if (page !== undefined) url.searchParams.set('page', page);
      const answer = await get(url, source.headers(adminKey));
      lines.push(...linesOfPage(answer, source));
      const next = text(answer.next_page);
      if (answer.has_more !== true || next === undefined || next === page) break;
      page = next;
    }
  }
  return { provider, lines };
}

/** Rate limits are waited for, as long as the answer says, a minute at most each time. */
async function get(url: URL, headers: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const shown = url.origin + url.pathname;
  for (let attempt = 1; ; attempt++) {
    let response: Response;
    try {
      response = await fetch(url, { headers, signal: AbortSignal.timeout(60_000) });
    } catch (cause) {
      throw new CostspanError(
        'REPORT_FAILED',
        `GET ${shown} failed: ${String(cause)}. Check the connection.`,
        { cause },
      );
    }
    const body = await response.text();
    if (response.ok) return object(jsonValue(body)) ?? {};
    if ((response.status === 429 || response.status >= 500) && attempt < MAX_ATTEMPTS) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      const delay = Number.isFinite(seconds) ? seconds * 1000 : 500 * 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, Math.min(60_000, delay)));
      continue;
    }
    const hint =
      response.status === 401 || response.status === 403
        ? ' These reports need an admin key of the organisation.'
        : '';
    throw new CostspanError(
      'REPORT_FAILED',
      `GET ${shown} was answered ${response.status}: ${body.slice(0, 300)}.${hint}`,
    );
  }
}
