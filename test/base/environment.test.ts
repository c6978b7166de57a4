import { diag, DiagLogLevel } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  choiceFromEnvironment,
  countFromEnvironment,
  flagFromEnvironment,
  fromEnvironment,
} from '../../src/base/environment.ts';
import { forgetWarnings } from '../../src/base/warn-once.ts';

let warnings: string[];

beforeEach(() => {
  warnings = [];
  const log = (message: string): void => void warnings.push(message);
  diag.setLogger({ error: log, warn: log, info: log, debug: log, verbose: log }, DiagLogLevel.WARN);
  warnings = [];
  forgetWarnings();
});
afterEach(() => diag.disable());

test.each([
  [{}, undefined],
  [{ NAME: '' }, undefined],
  [{ NAME: ' \t' }, undefined],
  [{ NAME: ' a b ' }, 'a b'],
  [{ NAME: '0' }, '0'],
])('an empty variable is an unset one: %j is %j', (env, value) => {
  expect(fromEnvironment('NAME', env)).toBe(value);
  expect(warnings).toEqual([]);
});

test.each([
  ['', undefined, false],
  ['TRUE', true, false],
  ['false', false, false],
  ['1', false, true],
])('a flag of %j is %j', (NAME, value, isSaid) => {
  expect(flagFromEnvironment('NAME', { NAME })).toBe(value);
  expect(warnings.length > 0).toBe(isSaid);
});

test.each([
  ['', undefined, false],
  ['500', 500, false],
  ['0', undefined, true],
  ['-1', undefined, true],
  ['soon', undefined, true],
])('a count of %j is %j', (NAME, value, isSaid) => {
  expect(countFromEnvironment('NAME', { NAME })).toBe(value);
  expect(warnings.length > 0).toBe(isSaid);
});

test.each([
  ['', undefined, false],
  ['GZIP', 'gzip', false],
  ['brotli', undefined, true],
])('a choice of %j is %j', (NAME, value, isSaid) => {
  expect(choiceFromEnvironment('NAME', ['gzip', 'none'], { NAME })).toBe(value);
  expect(warnings.length > 0).toBe(isSaid);
});
