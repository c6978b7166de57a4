import { diag as api } from '@opentelemetry/api';

/**
 * OpenTelemetry's `diag`, for the request path: a logger of the application's that throws (a closed stream, a
 * mock) must not break the request it reports on.
 */
export const diag = {
  error: (message: string, ...args: unknown[]): void => quietly(() => api.error(message, ...args)),
  warn: (message: string, ...args: unknown[]): void => quietly(() => api.warn(message, ...args)),
  info: (message: string, ...args: unknown[]): void => quietly(() => api.info(message, ...args)),
  debug: (message: string, ...args: unknown[]): void => quietly(() => api.debug(message, ...args)),
} as const;

function quietly(say: () => void): void {
  try {
    say();
  } catch {
    // There is nobody left to tell.
  }
}
