import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { progressOf } from '../../src/cli/progress.ts';

function terminal(isTTY: boolean) {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  // From Node 26 on, one `read()` is one write.
  function shown(): string {
    let all = '';
    for (let chunk = stderr.read() as Buffer | null; chunk !== null; chunk = stderr.read() as Buffer | null)
      all += chunk.toString();
    return all;
  }
  return { output: { stdout: new PassThrough(), stderr }, shown };
}

test('a bar grows on a terminal and is taken away at the end', async () => {
  const { output, shown } = terminal(true);
  const progress = await progressOf(output, async () => 20_000);
  for (let event = 0; event < 15_000; event++) progress.hear();
  // 5,000, 10,000 and 15,000 of 20,000
  const drawn = shown();
  expect(drawn.split('\r').slice(1)).toEqual([
    `${'█'.repeat(6)}${'░'.repeat(18)} 25 %  5,000 events`,
    `${'█'.repeat(12)}${'░'.repeat(12)} 50 %  10,000 events`,
    `${'█'.repeat(18)}${'░'.repeat(6)} 75 %  15,000 events`,
  ]);
  progress.end();
  expect(shown()).toBe('\r\u001B[K');
});

test('nothing is counted or drawn where stderr is no terminal', async () => {
  const { output, shown } = terminal(false);
  const progress = await progressOf(output, () => Promise.reject(new Error('not asked')));
  for (let event = 0; event < 10_000; event++) progress.hear();
  progress.end();
  expect(shown()).toBe('');
});
