import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedactor, type RedactOptions } from '../../src/attribution/redact.ts';
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
});
