import { diag } from '../base/diag.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { object } from '../base/read.ts';
import type { BudgetStore, StoredNotice } from '../ledger/budget-store.ts';
import type { BudgetNotice } from './notice.ts';
import { BODIES, type NoticeFormat } from './notice-bodies.ts';
import { signWebhook } from './webhook-signature.ts';

/** A webhook that hears of thresholds. */
export interface NotifyWebhook {
  readonly url: string;
  /** Each request is signed with all of them, as Standard Webhooks says; newest first. Default: not signed. */
  readonly secrets?: readonly string[];
  /**
   * `slack`: a body that Slack-compatible incoming webhooks show as text. `otlp`: a log record for an OpenTelemetry
   * receiver, `http://collector:4318/v1/logs`. Default: `json`.
   */
  readonly format?: NoticeFormat;
  /** Sent with each request, for receivers that want a token. Never kept in the ledger. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type NotifyTarget = ((notice: BudgetNotice) => void) | NotifyWebhook;

/**
 * Refuses targets that cannot be told anything.
 *
 * @throws {ConfigError}
 */
export function checkNotify(where: string, targets: unknown): readonly NotifyTarget[] {
  if (!Array.isArray(targets))
    throw new ConfigError(`${where}: expected 'notify' to be a list, got ${describe(targets)}.`);
  for (const target of targets as readonly unknown[]) {
    if (typeof target === 'function') continue;
    checkOptions(`${where}: notify`, target, ['url', 'secrets', 'format', 'headers']);
    const { url, secrets, format = 'json', headers = {} } = target as Partial<Record<string, unknown>>;
    if (typeof url !== 'string' || !/^https?:$/.test(protocolOf(url)))
      throw new ConfigError(
        `${where}: notify: expected 'url' to be an http(s) address, got ${describe(url)}.`,
      );
    if (typeof format !== 'string' || !Object.hasOwn(BODIES, format))
      throw new ConfigError(
        `${where}: notify: expected 'format' to be json, slack or otlp, got ${describe(format)}.`,
      );
    if (!Object.values(object(headers) ?? { headers }).every((value) => typeof value === 'string'))
      throw new ConfigError(
        `${where}: notify: expected 'headers' to be texts by name, got ${describe(headers)}. Is an environment variable unset?`,
      );
    const usable =
      secrets === undefined ||
      (Array.isArray(secrets) && secrets.every((each) => typeof each === 'string' && each !== ''));
    if (!usable)
      throw new ConfigError(
        `${where}: notify: expected 'secrets' to be a list of non-empty strings, got ${describe(secrets)}. Is an environment variable unset?`,
      );
  }
  return targets as readonly NotifyTarget[];
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : '';
}

export interface BudgetNotifierOptions {
  readonly targets: readonly NotifyTarget[];
  readonly store: BudgetStore;
  readonly now?: () => Date;
  readonly fetch?: typeof fetch;
}

/**
 * Tells of thresholds. Functions hear at once, in this process; webhooks through the store, so that neither a crash nor
 * a receiver that is away loses a notice: each is tried until it is taken, for a day.
 */
export class BudgetNotifier {
  readonly #options: BudgetNotifierOptions;
  readonly #webhooks: readonly NotifyWebhook[];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: BudgetNotifierOptions) {
    this.#options = options;
    this.#webhooks = options.targets.filter((target) => typeof target === 'object');
    // What an earlier process could not tell any more.
    if (this.#webhooks.length > 0) this.#later(0);
  }

  /** Never throws. */
  tell(notice: BudgetNotice): void {
    for (const target of this.#options.targets) {
      if (typeof target !== 'function') continue;
      try {
        target(notice);
      } catch (error) {
        diag.error('costspan: a function that hears of budgets failed', error);
      }
    }
    for (const webhook of this.#webhooks) void this.#keep(notice, webhook);
  }

  /** Resolves when everything kept so far was tried once more. */
  async flush(): Promise<void> {
    await this.#sendDue();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #keep(notice: BudgetNotice, webhook: NotifyWebhook): Promise<void> {
    const body = JSON.stringify(BODIES[webhook.format ?? 'json'](notice));
    const stored = { url: webhook.url, id: notice.id, body };
    try {
      await this.#options.store.notices.add({
        id: `${notice.id}|${webhook.url}`,
        createdAt: notice.timestamp,
        body: JSON.stringify(stored),
        attempts: 0,
        told: false,
      });
      this.#later(0);
    } catch (error) {
      diag.error(`costspan: a notice of budget '${notice.state.id}' could not be kept`, error);
    }
  }

  #later(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#sendDue();
    }, delayMs).unref();
  }

  #sendDue(): Promise<void> {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  async #send(): Promise<void> {
    const { store } = this.#options;
    const now = this.#now();
    try {
      const due = await store.notices.claim(now, new Date(now.getTime() + LEASE_MS), 50);
      for (const notice of due) {
        const sent = await this.#post(notice);
        if (sent || now.getTime() - notice.createdAt.getTime() > GIVE_UP_MS) {
          if (!sent) diag.error(`costspan: a notice was given up after a day: ${notice.id}`);
          await store.notices.done(notice.id);
          continue;
        }
        const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** notice.attempts);
        await store.notices.retry(notice.id, new Date(now.getTime() + delayMs));
        this.#later(delayMs);
      }
    } catch (error) {
      diag.error('costspan: notices of budgets could not be told', error);
    }
  }

  async #post({ body: stored }: StoredNotice): Promise<boolean> {
    const { url, id, body } = JSON.parse(stored) as { url: string; id: string; body: string };
    const webhook = this.#webhooks.find((each) => each.url === url);
    // Another process was told of this address; this one was not, and has no secret for it.
    if (webhook === undefined) return false;
    const signed = webhook.secrets === undefined ? {} : signWebhook(id, this.#now(), body, webhook.secrets);
    try {
      const response = await (this.#options.fetch ?? fetch)(url, {
        method: 'POST',
        headers: { ...webhook.headers, 'content-type': 'application/json', ...signed },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }
}

const TIMEOUT_MS = 10_000;
const LEASE_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
const GIVE_UP_MS = 86_400_000;
