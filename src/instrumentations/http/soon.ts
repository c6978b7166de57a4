/**
 * Runs what can wait until the next turn of the event loop, with everything else of this turn: replies are mostly
 * read at once, and only the others are worth watching over. Keeps no process alive.
 */
export function soon(action: () => void): void {
  WAITING.push(action);
  if (WAITING.length === 1) setImmediate(run).unref();
}

let WAITING: (() => void)[] = [];

function run(): void {
  const waiting = WAITING;
  WAITING = [];
  for (const action of waiting) action();
}
