import type { Change } from './change.ts';

/** A change as a diff: two lines around the one place that differs. */
export function showChange({ path, before, after }: Change): string {
  const [old, now] = [linesOf(before ?? ''), linesOf(after)];
  let start = 0;
  while (start < old.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end))
    end += 1;
  const mark = (sign: string, lines: readonly string[]): string[] => lines.map((line) => `${sign}${line}`);
  return [
    `--- ${before === undefined ? '/dev/null' : path}`,
    `+++ ${path}`,
    ...mark(' ', old.slice(Math.max(0, start - CONTEXT), start)),
    ...mark('-', old.slice(start, old.length - end)),
    ...mark('+', now.slice(start, now.length - end)),
    ...mark(' ', now.slice(now.length - end, now.length - end + CONTEXT)),
  ].join('\n');
}

const CONTEXT = 2;

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
