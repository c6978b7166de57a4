import { diag } from '../base/diag.ts';
import { ConfigError, CostspanError, describe, messageOf } from '../base/errors.ts';
import { checkKinds, checkOptions } from '../base/options.ts';
import { known } from '../base/read.ts';
import type { BudgetMeasure } from './budget.ts';
import { BudgetExceededError, type BudgetRefusal } from './budget-exceeded-error.ts';
import type { BudgetedCall } from './budgeted-call.ts';
import {
  DEFAULT_AUDIENCE,
  type LimitClaims,
  type PinnedKeys,
  pinnedKeys,
  type ReachedLimit,
  verifyLimits,
} from './limit-token.ts';
import { falls } from './scope.ts';

/** Limits that are reached, for a process without access to the counters: from a signed token. */
export interface RemoteLimitsOptions {
  /** Where the newest token is fetched from, again and again. */
  readonly url?: string;
  /** A token as text, in place of an address. */
  readonly token?: string;
  /** Of whoever signs: Ed25519, PEM. Several by key id, so that a key can be changed. */
  readonly publicKey: string | Readonly<Record<string, string>>;
  /** Whose tokens count. Default: `costspan`. */
  readonly audience?: string;
  /** How often the address is asked, in milliseconds. Default: 30 seconds. */
  readonly refreshMs?: number;
  /** What happens to calls while no token counts: none came yet, or the last one expired. Default: `allow`. */
  readonly onStoreError?: 'allow' | 'block';
}

/** How a process that goes by tokens is doing. */
export interface RemoteLimitsState {
  /** `failing`: no token counts now. */
  readonly status: 'ok' | 'failing';
  readonly limits: number;
  readonly expiresAt?: Date;
  /** Tokens that were refused: forged, expired, replayed, for somebody else. */
  readonly refused: number;
  readonly lastError?: string;
}

/**
 * Refuses options that cannot be used.
 *
 * @throws {ConfigError}
 */
export function checkRemoteLimits(where: string, options: RemoteLimitsOptions): void {
  const here = `${where}: remoteLimits`;
  checkOptions(here, options, ['url', 'token', 'publicKey', 'audience', 'refreshMs', 'onStoreError']);
  checkKinds(here, options, { url: 'text', token: 'text', audience: 'text', refreshMs: 'positive' });
  const { url, token, onStoreError, publicKey } = options;
  if ((url === undefined) === (token === undefined))
    throw new ConfigError(`${here}: give either 'url', where tokens are fetched, or one 'token'.`);
  if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    throw new ConfigError(`${here}: expected 'url' to be an http(s) address, got ${describe(url)}.`);
  if (onStoreError !== undefined && onStoreError !== 'allow' && onStoreError !== 'block')
    throw new ConfigError(
      `${here}: expected 'onStoreError' to be allow or block, got ${describe(onStoreError)}.`,
    );
  pinnedKeys(here, publicKey);
}

/** What signed tokens say is reached. A token that is refused changes nothing: the last good one counts until it expires. */
export class RemoteLimits {
  readonly #options: RemoteLimitsOptions;
  readonly #keys: PinnedKeys;
  readonly #now: () => Date;
  readonly #refresh: NodeJS.Timeout | undefined;
  #claims: LimitClaims | undefined;
  #refused = 0;
  #lastError: string | undefined;

  constructor(options: RemoteLimitsOptions, now: () => Date = () => new Date()) {
    this.#options = options;
    this.#now = now;
    this.#keys = pinnedKeys('remoteLimits', options.publicKey);
    if (options.token !== undefined) this.take(options.token);
    if (options.url === undefined) return;
    const { url, refreshMs = 30_000 } = options;
    void this.#fetch(url);
    this.#refresh = setInterval(() => void this.#fetch(url), refreshMs).unref();
  }

  get state(): RemoteLimitsState {
    const current = this.#current();
    return known({
      status: current === undefined ? ('failing' as const) : ('ok' as const),
      limits: current?.limits.length ?? 0,
      expiresAt: current?.expiresAt,
      refused: this.#refused,
      lastError: this.#lastError,
    });
  }

  /**
   * Goes by this token from now on, if it is genuine, current and no older than the last one: an old token, in which a
   * limit was not yet reached, is a replay. Says whether it counts.
   */
  take(token: string): boolean {
    try {
      const { audience = DEFAULT_AUDIENCE } = this.#options;
      const claims = verifyLimits(token, { keys: this.#keys, audience, now: this.#now() });
      const last = this.#claims;
      if (last !== undefined && claims.id !== last.id && claims.issuedAt <= last.issuedAt)
        throw replayed(last);
      this.#claims = claims;
      this.#lastError = undefined;
      return true;
    } catch (error) {
      this.#refused++;
      this.#failed(error);
      return false;
    }
  }

  refusal(call: BudgetedCall): BudgetExceededError | undefined {
    const current = this.#current();
    if (current === undefined)
      return this.#options.onStoreError === 'block'
        ? new BudgetExceededError({ ...UNKNOWN, ...(this.#lastError && { reason: this.#lastError }) })
        : undefined;
    const reached = current.limits.find(
      ({ scope, until }) => falls(call, scope) && (until === undefined || call.startTime < until),
    );
    return reached && new BudgetExceededError(refusalOf(reached));
  }

  stop(): void {
    clearInterval(this.#refresh);
  }

  #current(): LimitClaims | undefined {
    return this.#claims !== undefined && this.#claims.expiresAt > this.#now() ? this.#claims : undefined;
  }

  async #fetch(url: string): Promise<void> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = await response.text();
      if (response.ok) this.take(body);
      else this.#failed(`the address of remoteLimits answered ${response.status}`);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const message = messageOf(error);
    if (message !== this.#lastError) diag.error(`costspan: remote limits: ${message}`);
    this.#lastError = message;
  }
}

const TIMEOUT_MS = 10_000;

const UNKNOWN: BudgetRefusal = {
  budgetId: 'remote-limits',
  scope: {},
  period: { timeZone: 'UTC' },
  measure: 'cost',
  currency: 'USD',
  limit: '0',
  spent: '0',
  held: '0',
  reason: 'no token of limits counts now.',
};

function refusalOf({ budgetId, scope, limit, spent, measure, currency, until }: ReachedLimit): BudgetRefusal {
  return {
    budgetId,
    scope,
    period: { timeZone: 'UTC', ...known({ end: until }) },
    measure: measure as BudgetMeasure,
    currency,
    limit,
    spent,
    held: '0',
    reason: 'the limit is reached, as the token of limits says.',
    ...known({ resetsAt: until }),
  };
}

function replayed({ issuedAt }: LimitClaims): CostspanError {
  return new CostspanError(
    'LIMIT_TOKEN_REFUSED',
    `The token of limits is refused: a newer one, of ${issuedAt.toISOString()}, was seen before.`,
  );
}
