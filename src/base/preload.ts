import workers from 'node:worker_threads';

/**
 * Whether this code runs in the worker where Node keeps its loader hooks. Node runs `-r` preloads there, too
 * (22.15–22.22.2 and 24.0–24.11.0 start that worker for our hooks; later ones only for somebody else's). No call
 * is ever made there, and loading modules there ends the process, so programs and constructors do nothing.
 */
export function isHooksWorker(): boolean {
  return WORKERS.isInternalThread ?? false;
}

/** Not a named import: Bun and Deno have no such export. */
const WORKERS: { readonly isInternalThread?: boolean } = workers;
