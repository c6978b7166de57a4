import { join, shared } from '../base/process.ts';

type Stop = () => Promise<unknown>;

/** Stops when the process is told to; the signal then takes its usual course. Returns the way out. */
export function stopOnSignals(stop: Stop): () => void {
  const leave = join(stops(), stop);
  if (stops().length === 1) for (const signal of SIGNALS) process.on(signal, stopAll);
  return () => {
    leave();
    if (stops().length === 0) for (const signal of SIGNALS) process.removeListener(signal, stopAll);
  };
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Everything stops before the signal is sent again. */
function stopAll(signal: NodeJS.Signals): void {
  for (const each of SIGNALS) process.removeListener(each, stopAll);
  void Promise.allSettled(stops().map((stop) => stop())).finally(() => {
    // An application with a handler of its own decides when to exit.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  });
}

function stops(): Stop[] {
  return shared('stops', () => []);
}

/**
 * Flushes when the process has nothing left to do: a script that ends by itself loses nothing. `progress` is a number
 * that grows with what there is to flush: without new work there is no new flush, which would keep the process alive.
 */
export function flushBeforeExit(progress: () => number, flush: () => Promise<void>): () => void {
  let flushed = 0;
  const onBeforeExit = (): void => {
    if (progress() === flushed) return;
    flushed = progress();
    void flush();
  };
  process.on('beforeExit', onBeforeExit);
  return () => void process.removeListener('beforeExit', onBeforeExit);
}
