const listeners = new Set<() => void>();
let listening = false;

/**
 * Calls `listener` when the process or worker thread exits, in time for synchronous work. One listener of the
 * process serves all, so that many ledgers are no leak warning. Returns the way out.
 */
export function onExit(listener: () => void): () => void {
  listeners.add(listener);
  if (!listening) {
    listening = true;
    process.on('exit', () => {
      for (const each of listeners) each();
    });
  }
  return () => listeners.delete(listener);
}
