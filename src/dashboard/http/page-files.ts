import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { respond } from './responses.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Where the build puts the page: beside our own files in `dist`, or one up from there for the command line's; from the
 * sources, in the `dist` that was built last.
 */
const FOLDERS: readonly URL[] = ['./dashboard/', '../dashboard/', '../../../dist/dashboard/'].map(
  (path) => new URL(path, import.meta.url),
);

/** Names as a build gives them; a path cannot lead out of the folder. */
const NAME = /^(?:assets\/)?[\w-][\w.-]*$/;

/** A file of the built page; undefined when there is none of that name. */
export async function pageFile(name: string): Promise<Response | undefined> {
  const type = TYPES[extname(name)];
  if (type === undefined || !NAME.test(name)) return undefined;
  for (const folder of FOLDERS) {
    try {
      const bytes = Uint8Array.from(await readFile(new URL(name, folder)));
      // What is in `assets` has its hash in its name.
      const isHashed = name.startsWith('assets/');
      return respond(
        200,
        type,
        bytes,
        isHashed ? { 'cache-control': 'public, max-age=31536000, immutable' } : {},
      );
    } catch {
      // Not here.
    }
  }
  return undefined;
}
