/** An error as the application can tell it from others. */
export async function caught(run: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    return { nothing: await run() };
  } catch (error) {
    const { name, message, status, code, cause } = error as Error & { status?: unknown; code?: unknown };
    return {
      class: (error as Error).constructor,
      name,
      message,
      status,
      code,
      cause: cause instanceof Error ? cause.constructor : cause,
    };
  }
}
