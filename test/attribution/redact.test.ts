import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import {
  createRedactor,
  joinRedactor,
  redactByAll,
  type RedactOptions,
} from '../../src/attribution/redact.ts';
import { snapshotAttribution, withCustomer } from '../../src/attribution/scope.ts';
import { ConfigError } from '../../src/base/errors.ts';

const said = withCustomer(
  'acme',
  { email: 'ann@acme.test', user: { id: 7, email: 'ann@acme.test' }, 'a.b': 1, feature: 'chat' },
  snapshotAttribution,
);
const redacted = (options: RedactOptions): unknown => createRedactor(options)(said).context;
const hmac = (text: string): string =>
  `hmac:${createHmac('sha256', 'key').update(text).digest('hex').slice(0, 32)}`;

describe('a redactor', () => {
  it('drops keys, also inside objects, and leaves the rest and the customer alone', () => {
    expect(redacted({ drop: ['email', 'user.email', 'a.b', 'missing', 'feature.deep'] })).toEqual({
      user: { id: 7 },
      feature: 'chat',
    });
    expect(createRedactor({ drop: ['customer'] })(said).customer).toBe('acme');
  });

  it('hashes with the key: equal values stay equal, and hashing twice is hashing once', () => {
    const redact = createRedactor({ hash: { keys: ['email', 'user.email'], secret: 'key' } });
    expect(redact(said).context).toEqual({
      ...said.context,
      email: hmac('ann@acme.test'),
      user: { id: 7, email: hmac('ann@acme.test') },
    });
    expect(redact(redact(said))).toEqual(redact(said));
  });

  it('transforms what is left; a value whose transform throws is removed', () => {
    const transform = (key: string, value: unknown): string | undefined => {
      if (key === 'user') throw new Error('no');
      return key === 'a.b' ? undefined : String(value).toUpperCase();
    };
    expect(redacted({ drop: ['email'], transform })).toEqual({ feature: 'CHAT' });
  });

  it('refuses options that would not protect', () => {
    const wrong = [
      { dorp: ['email'] },
      { drop: 'email' },
      { hash: { keys: ['email'], secret: '' } },
      { hash: { keys: ['email'] } },
      { transform: 'upper' },
    ];
    for (const options of wrong) {
      expect(() => createRedactor(options as unknown as RedactOptions)).toThrow(ConfigError);
    }
    expect(() => createRedactor({ dorp: [] } as RedactOptions)).toThrow("Did you mean 'drop'?");
  });

  it('hashes the customer where that is asked for, and nobody where nobody is named', () => {
    const redact = createRedactor({ hash: { customer: true, secret: 'key' } });
    expect(redact(said)).toMatchObject({ customer: hmac('acme'), context: said.context });
    for (const customer of [null, undefined]) {
      const { customer: _, ...rest } = said;
      const nobody = customer === undefined ? rest : { ...rest, customer };
      expect(redact(nobody)).toEqual(nobody);
    }
    expect(createRedactor({ hash: { keys: ['email'], customer: false, secret: 'key' } })(said).customer).toBe(
      'acme',
    );
    expect(() => createRedactor({ hash: { customer: false, secret: 'key' } })).toThrow(
      'expected what to hash',
    );
    expect(() => createRedactor({ hash: { customer: 'yes', secret: 'key' } as never })).toThrow(ConfigError);
    expect(() => createRedactor({ drop: ['email', 7] as never })).toThrow(ConfigError);
  });

  it('tells a number from its text, and an entry of several kinds from another, in hashes', () => {
    const hashOf = (value: unknown): unknown =>
      createRedactor({ hash: { keys: ['id'], secret: 'key' } })(
        withCustomer('acme', { id: value } as never, snapshotAttribution),
      ).context.id;
    expect(hashOf('7')).toBe(hmac('7'));
    expect(hashOf(7)).toBe(hmac('{"value":7}'));
    expect(new Set([hashOf('7'), hashOf(7), hashOf([7]), hashOf(null)]).size).toBe(4);
  });

  it('looks into nothing that is no object', () => {
    const given = withCustomer(
      'acme',
      { none: null, list: [{ email: 'x' }], text: 'x' },
      snapshotAttribution,
    );
    expect(createRedactor({ drop: ['none.email', 'list.email', 'text.length'] })(given).context).toEqual(
      given.context,
    );
  });

  it('without a rule leaves the very object', () => {
    expect(createRedactor()(said)).toBe(said);
    expect(createRedactor({ drop: [] })(said)).toBe(said);
  });

  it('a transform that promises gives nothing, and its failure is nobody’s', async () => {
    const rejected = vi.fn<() => void>();
    process.on('unhandledRejection', rejected);
    expect(
      redacted({ drop: ['email', 'user', 'a.b'], transform: () => Promise.reject(new Error('late')) }),
    ).toEqual({});
    await new Promise((resolve) => void setImmediate(resolve));
    process.off('unhandledRejection', rejected);
    expect(rejected).not.toHaveBeenCalled();
  });
});

describe('what processors share', () => {
  it('is redacted by all of them, each once; by one that did so already no more', () => {
    const mark = (name: string) => (attribution: typeof said) => ({
      ...attribution,
      context: { ...attribution.context, [name]: true },
    });
    const [first, second] = [mark('first'), mark('second')];
    const leave = [joinRedactor(first), joinRedactor(second)];
    expect(redactByAll(said).context).toMatchObject({ first: true, second: true });
    expect(redactByAll(said, first).context).toEqual({ ...said.context, second: true });
    for (const each of leave) each();
    expect(redactByAll(said)).toBe(said);
  });
});
