/** Collects garbage until `done`, or until it has tried for a while. Needs `--expose-gc`. */
export async function collectGarbage(done: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !done(); round++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
