import { diag as api, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { diag, sayKept } from '../../src/base/diag.ts';
import { shared } from '../../src/base/process.ts';
import { forgetWarnings, warnOnce } from '../../src/base/warn-once.ts';

const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
const lines = (): unknown[] => printed.mock.calls.map(([line]) => line as unknown);

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(shared('diag', Object), { phase: 'idle', kept: [], printed: new Set() });
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  api.disable();
  forgetWarnings();
  printed.mockClear();
});

function setLogger(): unknown[] {
  const heard: unknown[] = [];
  const hear =
    (level: string) =>
    (...args: unknown[]): void =>
      void heard.push([level, ...args]);
  api.setLogger(
    {
      error: hear('error'),
      warn: hear('warn'),
      info: hear('info'),
      debug: hear('debug'),
      verbose: hear('verbose'),
    },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
  return heard;
}

test('a warning made before a logger exists is given to the first one, and to nobody else', () => {
  const error = new Error('no file');
  diag.warn('first', error);
  const heard = setLogger();
  vi.advanceTimersByTime(50);
  expect(heard).toEqual([['warn', 'first', error]]);
  diag.error('second');
  vi.advanceTimersByTime(5000);
  expect(heard).toEqual([
    ['warn', 'first', error],
    ['error', 'second'],
  ]);
  expect(printed).not.toHaveBeenCalled();
});

test('goes to stderr when no logger was set within a second, each text once', () => {
  diag.warn('a sink is slow', new Error('timeout'));
  diag.error('a sink refused');
  vi.advanceTimersByTime(999);
  expect(printed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  diag.error('a sink refused');
  diag.warn('later');
  expect(lines()).toEqual(['a sink is slow: Error: timeout', 'a sink refused', 'later']);
});

test('a process that ends sooner says what was kept', () => {
  diag.warn('too late');
  sayKept();
  expect(lines()).toEqual(['too late']);
});

test.each([
  ['none', []],
  ['NONE', []],
  ['error', ['e']],
  ['', ['e', 'w']],
  ['loud', ['e', 'w']],
  ['info', ['e', 'w', 'i']],
  ['debug', ['e', 'w', 'i', 'd']],
  ['all', ['e', 'w', 'i', 'd']],
])('OTEL_LOG_LEVEL=%j lets through %j', (level, expected) => {
  vi.stubEnv('OTEL_LOG_LEVEL', level);
  diag.error('e');
  diag.warn('w');
  diag.info('i');
  diag.debug('d');
  vi.advanceTimersByTime(1000);
  expect(lines()).toEqual(expected);
});

test('warnOnce says a thing once, however often it happens', () => {
  for (let i = 0; i < 3; i++) warnOnce('nobody is billed');
  vi.advanceTimersByTime(1000);
  warnOnce('nobody is billed');
  expect(lines()).toEqual(['costspan: nobody is billed']);
});

test('a logger that throws harms nobody', () => {
  const fails = (): never => {
    throw new Error('closed');
  };
  api.setLogger(
    { error: fails, warn: fails, info: () => undefined, debug: fails, verbose: fails },
    { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
  );
  expect(() => diag.warn('x')).not.toThrow();
});
