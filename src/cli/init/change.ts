import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../project/project.ts';

/** One file that `costspan init` would write; `before` absent = it is new. */
export interface Change {
  readonly path: string;
  readonly before?: string;
  readonly after: string;
}

/** A change, a sentence about what to do by hand, or nothing to do. */
export type Step = Change | string | undefined;

/** The file as it is; undefined when it does not exist. */
export function contentOf({ folder }: Project, path: string): string | undefined {
  const file = join(folder, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
