/** Every event, in order. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** How many rejections nobody handled while `run` ran, and a while after. */
export async function unhandled(run: () => void | Promise<void>): Promise<number> {
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  let count = 0;
  const listener = (): void => void count++;
  process.on('unhandledRejection', listener);
  try {
    await run();
    await sleep(150);
    return count;
  } finally {
    process.off('unhandledRejection', listener);
    for (const other of others) process.on('unhandledRejection', other);
  }
}

/** Collects garbage while `wanted` holds. */
export async function collect(wanted: () => boolean): Promise<void> {
  await sleep(20);
  for (let i = 0; i < 300 && wanted(); i++) {
    globalThis.gc?.();
    await sleep(10);
  }
}

/** Whether it comes true in a while. */
export async function within(condition: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 1_000;
  while (!condition() && Date.now() < deadline) await sleep(5);
  return condition();
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** One turn of the event loop. */
export function tick(): Promise<void> {
  return new Promise(setImmediate);
}
