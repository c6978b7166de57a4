import { describe, expect, test } from 'vitest';
import { priceResponse } from '../../src/index.ts';

const reply = (container: object, tool: object = { type: 'code_interpreter' }) => ({
  object: 'response',
  id: 'r',
  model: 'gpt-5-2025-08-07',
  status: 'completed',
  output: [{ type: 'code_interpreter_call', id: 'ci', status: 'completed', container_id: 'cntr_1' }],
  tools: [{ ...tool, container: { type: 'auto', ...container } }],
  usage: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 },
});
const priced = (body: unknown, at: string) => priceResponse(body, { provider: 'openai', at: new Date(at) });

describe('a container', () => {
  // Tokens: 1000 × 1.25/M + 100 × 10/M = 0.00225
  test.each([
    ['1g', '2026-03-30T23:59:59.999Z', '0.03225'], // 0.03 whatever the memory
    ['64g', '2026-03-30T23:59:59.999Z', '0.03225'],
    ['1g', '2026-03-31T00:00:00Z', '0.03225'], // 20 minutes, by memory
    ['4g', '2026-03-31T00:00:00Z', '0.12225'],
    ['16g', '2026-06-01T23:59:59.999Z', '0.48225'],
    ['64g', '2026-06-01T23:59:59.999Z', '1.92225'],
    ['1g', '2026-06-02T00:00:00Z', '0.00975'], // at least 5 minutes: 0.03 ÷ 4
    ['64g', '2026-06-02T00:00:00Z', '0.48225'], // 1.92 ÷ 4
  ])('of %s at %s costs the tokens and its fee: %s', (memory, at, amount) => {
    expect(priced(reply({ memory_limit: memory }), at).amount).toBe(amount);
  });

  test('without a limit has one gigabyte', () => {
    expect(priced(reply({}), '2026-04-15T12:00:00Z').amount).toBe('0.03225');
  });

  test('says since June 2026 that its minutes are not known, and only then', () => {
    const note = expect.stringContaining('priced at the minimum of 5 minutes') as string;
    expect(priced(reply({}), '2026-06-02T00:00:00Z').notes).toEqual([note]);
    expect(priced(reply({}), '2026-06-01T23:59:59Z').notes).toBeUndefined();
    expect(priced({ ...reply({}), output: [] }, '2026-11-15T12:00:00Z').notes).toBeUndefined();
  });

  test.each([
    ['of an unknown size', reply({ memory_limit: '2g' })],
    [
      'beside another size',
      {
        ...reply({ memory_limit: '4g' }),
        tools: [
          { type: 'code_interpreter', container: { type: 'auto', memory_limit: '4g' } },
          { type: 'shell', environment: { type: 'container_auto' } },
        ],
      },
    ],
  ])('%s is unpriced', (_what, body) => {
    expect(priced(body, '2026-11-15T12:00:00Z')).toMatchObject({
      status: 'unpriced',
      reason: expect.stringMatching(/^no price for code_interpreter_session of openai/) as unknown,
    });
  });

  test('that is opened by itself is priced by its memory, too', () => {
    const opened = (at: string) =>
      priceResponse(
        { object: 'container', id: 'cntr_1', memory_limit: '4g' },
        { url: 'https://api.openai.com/v1/containers', method: 'POST', at: new Date(at) },
      );
    expect(opened('2026-04-15T12:00:00Z')).toMatchObject({ status: 'priced', amount: '0.12' });
    expect(opened('2026-11-15T12:00:00Z')).toMatchObject({ amount: '0.03', notes: [expect.any(String)] });
  });
});
