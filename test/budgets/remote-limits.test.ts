import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BudgetExceededError } from '../../src/budgets/budget-exceeded-error.ts';
import type { BudgetedCall } from '../../src/budgets/budgeted-call.ts';
import { type LimitTokenOptions, type ReachedLimit, signLimits } from '../../src/budgets/limit-token.ts';
import {
  checkRemoteLimits,
  RemoteLimits,
  type RemoteLimitsOptions,
} from '../../src/budgets/remote-limits.ts';

const START = new Date('2026-11-30T10:00:00Z');
const later = (ms: number): Date => new Date(START.getTime() + ms);

function keyPair(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

const ours = keyPair();
const theirs = keyPair();

const acme: ReachedLimit = {
  budgetId: 'per-customer',
  scope: { customer: 'acme' },
  limit: '50',
  spent: '50.25',
  measure: 'cost',
  currency: 'USD',
  until: new Date('2026-12-01T00:00:00Z'),
};

const token = (
  limits: readonly ReachedLimit[] = [acme],
  options: Partial<LimitTokenOptions> = {},
  at = START,
) => signLimits(limits, { privateKey: ours.privateKey, ...options }, at);

const call = (customer: string, startTime = START): BudgetedCall => ({
  id: 'call',
  startTime,
  customer,
  context: {},
  provider: 'openai',
  operation: 'chat',
});

/** A process that trusts our key, with a clock of its own. */
function process(options: Partial<RemoteLimitsOptions> = {}): RemoteLimits & { now: Date } {
  const clock = { now: START };
  const limits = new RemoteLimits({ token: token(), publicKey: ours.publicKey, ...options }, () => clock.now);
  onTestFinished(() => limits.stop());
  return Object.defineProperty(limits, 'now', {
    set: (at: Date) => {
      clock.now = at;
    },
  }) as RemoteLimits & {
    now: Date;
  };
}

/** The token with something in its parts changed, and the signature as it was. */
function tampered(text: string, change: (header: object, claims: object) => [object, object]): string {
  const [head = '', body = '', signature = ''] = text.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
  const write = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [...change(read(head), read(body)).map(write), signature].join('.');
}

describe('a token of limits', () => {
  test('refuses whom it names, until the limit ends, and nobody else', () => {
    const limits = process({ token: token([acme], { expiresInMs: 86_400_000 }) });
    expect(limits.refusal(call('acme'))).toBeInstanceOf(BudgetExceededError);
    expect(limits.refusal(call('acme'))).toMatchObject({
      budgetId: 'per-customer',
      scope: { customer: 'acme' },
      limit: '50',
      spent: '50.25',
      resetsAt: new Date('2026-12-01T00:00:00Z'),
    });
    expect(limits.refusal(call('globex'))).toBeUndefined();
    expect(limits.refusal(call('acme', new Date('2026-12-01T00:00:00Z')))).toBeUndefined();
  });

  test.each<[string, () => string, RegExp]>([
    [
      'whose claims were changed',
      () => tampered(token(), (header, claims) => [header, { ...claims, limits: [] }]),
      /not by the pinned key/,
    ],
    ['signed by another key', () => token([], { privateKey: theirs.privateKey }), /is not pinned here/],
    [
      'signed by another key under the name of ours',
      () => {
        const [head = ''] = token().split('.');
        const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
        return token([], { privateKey: theirs.privateKey, keyId: kid });
      },
      /not by the pinned key/,
    ],
    [
      'that says it needs no signature',
      () => tampered(token([]), (header, claims) => [{ ...header, alg: 'none' }, claims]),
      /signed in another way/,
    ],
    [
      'signed by our key for another purpose',
      () => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
        const signed = `${part({ alg: 'EdDSA', typ: 'JWT', kid: 'x' })}.${part({})}`;
        return `${signed}.${sign(null, Buffer.from(signed), ours.privateKey).toString('base64url')}`;
      },
      /signed in another way/,
    ],
    ['for somebody else', () => token([], { audience: 'staging' }), /it is for 'staging'/],
    ['that expired', () => token([], { expiresInMs: 1_000 }, later(-1_000)), /it expired at/],
    ['of a time yet to come', () => token([], {}, later(3_600_000)), /yet to come/],
    ['that is none', () => 'hello', /it is no token/],
  ])('%s is refused, and the last good one still counts', (_title, forged, why) => {
    const limits = process();
    expect(limits.take(forged())).toBe(false);
    expect(limits.state).toMatchObject({ status: 'ok', limits: 1, refused: 1 });
    expect(limits.state.lastError).toMatch(why);
    expect(limits.refusal(call('acme'))).toBeInstanceOf(BudgetExceededError);
  });

  test('older than the last one is a replay, and refused; the same one again is no news', () => {
    const before = token([], {}, later(-1_000));
    const limits = process({ token: before });
    const now = token([acme]);
    expect(limits.take(now)).toBe(true);
    expect(limits.take(before)).toBe(false);
    expect(limits.state.lastError).toMatch(/a newer one, of 2026-11-30T10:00:00.000Z, was seen before/);
    expect(limits.take(now)).toBe(true);
    expect(limits.refusal(call('acme'))).toBeDefined();
  });

  test('counts to the last moment before it expires', () => {
    const limits = process({ token: token([acme], { expiresInMs: 1_000 }) });
    limits.now = later(999);
    expect(limits.refusal(call('acme'))).toBeDefined();
    limits.now = later(1_000);
    expect(limits.refusal(call('acme'))).toBeUndefined();
    expect(limits.state.status).toBe('failing');
  });

  test('is missed where onStoreError blocks', () => {
    const limits = process({ token: 'hello', onStoreError: 'block' });
    expect(limits.refusal(call('globex'))).toMatchObject({ budgetId: 'remote-limits', status: 402 });
    expect(limits.take(token())).toBe(true);
    expect(limits.refusal(call('globex'))).toBeUndefined();
  });

  test('may be of any of several keys, by their ids', () => {
    const limits = process({
      token: token([], { keyId: 'old' }, later(-1)),
      publicKey: { old: ours.publicKey, new: theirs.publicKey },
    });
    expect(limits.take(token([acme], { privateKey: theirs.privateKey, keyId: 'new' }))).toBe(true);
    expect(limits.take(token([acme], { keyId: 'new' }, later(1)))).toBe(false);
  });
});

/** A token of any claims, signed by our key as a real one is. */
function signed(claims: object): string {
  const [head = ''] = token().split('.');
  const text = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${text}.${sign(null, Buffer.from(text), ours.privateKey).toString('base64url')}`;
}

describe('what a signed token says', () => {
  const at = START.getTime() / 1000;
  const claims = { jti: 'id', aud: 'costspan', iat: at, exp: at + 60 };
  const { budgetId, until: _, ...rest } = acme;
  const limit = { budget_id: budgetId, ...rest };

  test.each<[string, object, string]>([
    ['without an id', { ...claims, jti: undefined }, 'it does not say what a token of limits says'],
    ['without a time', { ...claims, iat: 'today' }, 'it does not say what a token of limits says'],
    ['without an end', { ...claims, exp: null }, 'it does not say what a token of limits says'],
    ['with a limit that is none', { ...claims, limits: [7] }, 'one of its limits cannot be read'],
    [
      'with a limit of nobody',
      { ...claims, limits: [{ ...limit, budget_id: 7 }] },
      'one of its limits cannot be read',
    ],
    [
      'with a scope that is none',
      { ...claims, limits: [{ ...limit, scope: { customer: 7 } }] },
      'one of its limits cannot be read',
    ],
    [
      'with an end that is no time',
      { ...claims, limits: [{ ...limit, until: 'later' }] },
      'one of its limits cannot be read',
    ],
    [
      'with an end that is no text',
      { ...claims, limits: [{ ...limit, until: 7 }] },
      'one of its limits cannot be read',
    ],
    [
      'with an amount that is none',
      { ...claims, limits: [{ ...limit, spent: 'much' }] },
      'one of its amounts cannot be read',
    ],
    [
      'with an amount that is a number',
      { ...claims, limits: [{ ...limit, limit: 50 }] },
      'one of its amounts cannot be read',
    ],
  ])('%s is refused as a whole', (_what, given, why) => {
    const limits = process();
    expect(limits.take(signed(given))).toBe(false);
    expect(limits.state.lastError).toContain(why);
  });

  test('counts without an end, a measure or a currency: it is a cost in dollars', () => {
    const limits = process();
    const { measure: __, currency: ___, ...bare } = limit;
    expect(limits.take(signed({ ...claims, iat: at + 1, limits: [bare] }))).toBe(true);
    expect(limits.refusal(call('acme'))).toMatchObject({ limit: '50', spent: '50.25' });
    expect(
      limits.take(signed({ ...claims, jti: 'next', iat: at + 2, limits: [{ ...bare, scope: undefined }] })),
    ).toBe(true);
    // A limit without a scope is everybody's.
    expect(limits.refusal(call('globex'))).toBeDefined();
  });

  test('is trusted by a key that was given, and a private one is refused without repeating it', () => {
    for (const publicKey of [{}, null] as unknown as string[])
      expect(() => process({ publicKey })).toThrow("expected 'publicKey' to be");
    expect(() => process({ publicKey: ours.privateKey })).toThrow(
      'is a private key, which stays with whoever signs',
    );
    expect(() => process({ publicKey: 'hello' })).toThrow('an Ed25519 key as PEM text');
  });
});

describe('tokens at an address', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  test('are fetched again and again', async () => {
    let served = token([], { expiresInMs: 3_600_000 }, new Date());
    let asked = 0;
    server = createServer((_request, response) => {
      asked++;
      response.end(served);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const limits = new RemoteLimits({
      url: `http://127.0.0.1:${port}/limits`,
      publicKey: ours.publicKey,
      refreshMs: 20,
    });
    onTestFinished(() => limits.stop());
    await vi.waitUntil(() => limits.state.status === 'ok', { timeout: 10_000 });
    expect(limits.refusal(call('acme', new Date()))).toBeUndefined();
    const until = new Date(Date.now() + 3_600_000);
    served = token([{ ...acme, until }], { expiresInMs: 3_600_000 }, new Date());
    await vi.waitUntil(() => limits.refusal(call('acme', new Date())) !== undefined, { timeout: 10_000 });
    expect(asked).toBeGreaterThan(1);
  });
});

test.each<[string, object, RegExp]>([
  ['neither an address nor a token', {}, /give either 'url'.*or one 'token'/],
  ['an address of another kind', { url: 'ftp://x' }, /http\(s\) address/],
  ['no key', { token: 'x', publicKey: 'hello' }, /an Ed25519 key as PEM text/],
  ['a private key', { token: 'x', publicKey: ours.privateKey }, /is a private key/],
  ['an unknown option', { token: 'x', publicKeys: {} }, /Did you mean 'publicKey'/],
])('%s is refused, and says what is expected', (_title, options, message) => {
  const given = { publicKey: ours.publicKey, ...options } as RemoteLimitsOptions;
  expect(() => checkRemoteLimits('new CostSpanProcessor', given)).toThrow(message);
});

test('a key of another kind signs no token, and stands in no message', () => {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  expect(() => signLimits([], { privateKey })).toThrow(/expected 'privateKey' to be an Ed25519 key/);
  expect(() => signLimits([], { privateKey })).not.toThrow(privateKey.slice(30, 60));
});
