import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { warnOnce } from '../base/warn-once.ts';

/**
 * Remembers where the running code was called from, for a call that nobody claimed. Call it while the application's
 * frames are on the stack; `below` is the patched function the application called. The text is only made when asked
 * for, because formatting a stack costs more than taking it.
 *
 * @returns gives `handler (src/chat.ts:12)`, or undefined when only libraries are in sight.
 */
export function captureCallSite(below?: (...args: never[]) => unknown): () => string | undefined {
  const holder: { stack?: unknown } = {};
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(holder, below);
  } catch {
    return () => undefined; // a hardened runtime froze Error
  } finally {
    if (Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true)
      Error.stackTraceLimit = limit;
  }
  let site: string | undefined;
  let formatted = false;
  return () => {
    if (!formatted) {
      formatted = true;
      site = formatSite(holder.stack);
    }
    return site;
  };
}

/** Says once per call site, through `diag`, that its calls are billed to nobody. */
export function warnUnattributed(site: string | undefined): void {
  warnOnce(
    `nobody is billed for the model calls made by ${site ?? 'an unknown place'}. ` +
      'Wrap them in withCustomer(customer, fn), or use attributeTo, resolveCustomer or defaultCustomer.',
  );
}

/** Enough to look past the frames of a provider SDK and a framework on top of it. */
const FRAMES = 25;

/**
 * This package's folder, also in a checkout and through a link. The chunks of the build are known by their name: a
 * bundle of the application's keeps ours in its own file, and there no folder is ours.
 */
const OWN_FOLDER: string | undefined = ownFolder(import.meta.url);

function ownFolder(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (url.endsWith('/calls/call-site.ts')) return fileURLToPath(new URL('..', url));
  return /\/dist\/costspan-[\w-]+\.c?js$/.test(url) ? fileURLToPath(new URL('.', url)) : undefined;
}

function formatSite(stack: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined;
  for (const line of stack.split('\n').slice(1)) {
    const frame = FRAME.exec(line)?.groups;
    if (frame === undefined) continue;
    const { name, place = '', line: number = '' } = frame;
    if (!place.startsWith('file:') && !isAbsolute(place)) continue;
    const file = toPath(place);
    if (OWN_FOLDER !== undefined && file.startsWith(OWN_FOLDER)) continue;
    if (/[\\/]node_modules[\\/]/.test(file)) continue;
    return `${name ?? '<anonymous>'} (${shown(file)}:${number})`;
  }
  return undefined;
}

/** V8's `    at async handler (file:///app/src/chat.ts:12:5)`, with or without a name. */
const FRAME = /^\s+at (?:async )?(?:(?<name>.+) \()?(?<place>.+?):(?<line>\d+):\d+\)?$/;

function toPath(place: string): string {
  try {
    return place.startsWith('file:') ? fileURLToPath(place) : place;
  } catch {
    return place;
  }
}

/** Relative to where the process runs, when the file is below it: shorter, and the same on every machine. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path.replaceAll('\\', '/');
}
