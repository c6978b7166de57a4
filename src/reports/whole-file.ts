import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { CostspanError, messageOf } from '../base/errors.ts';
import { known, object } from '../base/read.ts';

/**
 * Writes a file, or leaves what was there before: it bears its name only when it is whole.
 *
 * @throws {CostspanError} `FILE_NOT_WRITTEN`.
 */
export function writeWhole(path: string, text: string): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const before = statSync(target, { throwIfNoEntry: false });
  // A pipe or a terminal is no file that could stay as it was.
  if (before?.isFile() === false) return writeFileSync(target, text);
  const part = `${target}.part-${process.pid}`;
  try {
    writeFileSync(part, text, { flush: true, ...known({ mode: before?.mode }) });
    renameSync(part, target);
  } catch (cause) {
    rmSync(part, { force: true });
    throw notWritten('FILE_NOT_WRITTEN', path, cause);
  }
}

export function notWritten(code: string, path: string, cause: unknown): CostspanError {
  const message = `${path} was not written: ${reasonOf(cause)}. What was there before is untouched.`;
  return new CostspanError(code, message, { cause });
}

function reasonOf(cause: unknown): string {
  const code = object(cause)?.code;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return messageOf(cause);
  return `the disk is full (${messageOf(cause)}). Free some space, or write to another disk`;
}
