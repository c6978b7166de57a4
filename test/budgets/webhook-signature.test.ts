import { describe, expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from '../../src/budgets/webhook-signature.ts';

const at = new Date('2026-11-30T10:00:00Z');
const body = '{"type":"budget.threshold"}';
const sign = (secrets: readonly string[]) => ({ ...signWebhook('msg_1', at, body, secrets) });

describe('a webhook', () => {
  test('has the signature of the Standard Webhooks specification', () => {
    // The specification's own example: id.timestamp.body, HMAC-SHA256, base64.
    const headers = signWebhook(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      new Date(1614265330_000),
      '{"test": 2432232314}',
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('is believed from whoever knows the secret', () => {
    expect(verifyWebhook(sign(['s1']), body, { secrets: ['s1'], now: at })).toBe(true);
    expect(verifyWebhook(new Headers(sign(['s1'])), body, { secrets: ['s1'], now: at })).toBe(true);
  });

  test('is not believed with another secret, body, id or time', () => {
    const verify = (headers: Record<string, string>, text = body): boolean =>
      verifyWebhook(headers, text, { secrets: ['s1'], now: at });
    expect(verify(sign(['s2']))).toBe(false);
    expect(verify(sign(['s1']), `${body} `)).toBe(false);
    expect(verify({ ...sign(['s1']), 'webhook-id': 'msg_2' })).toBe(false);
    expect(verify({ ...sign(['s1']), 'webhook-timestamp': '1796032801' })).toBe(false);
    expect(verify({ ...sign(['s1']), 'webhook-signature': '' })).toBe(false);
    expect(verify({})).toBe(false);
  });

  test.each([
    [300_000, true],
    [300_001, false],
    [-300_000, true],
    [-300_001, false],
  ])('%d ms late is believed: %j', (late, believed) => {
    const now = new Date(at.getTime() + late);
    expect(verifyWebhook(sign(['s1']), body, { secrets: ['s1'], now })).toBe(believed);
  });

  test('survives a change of the secret on either side first', () => {
    expect(verifyWebhook(sign(['new', 'old']), body, { secrets: ['old'], now: at })).toBe(true);
    expect(verifyWebhook(sign(['old']), body, { secrets: ['new', 'old'], now: at })).toBe(true);
  });

  test('cannot be checked without a secret', () => {
    expect(() => verifyWebhook(sign(['s1']), body, { secrets: [] })).toThrow(
      /Is an environment variable unset/,
    );
  });
});
