import { types } from 'node:util';
import type { JsonObject } from '../../base/read.ts';

/**
 * The fields of a body that is plain data: what it holds is what is sent, and reading it runs none of the
 * application's code. Undefined for everything else (a class of its own, `toJSON`, accessors, a proxy): that is read
 * as the text that is sent.
 */
export function plainFields(body: unknown): JsonObject | undefined {
  if (typeof body !== 'object' || body === null || types.isProxy(body)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(body);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  for (const key in body) {
    const descriptor = Object.getOwnPropertyDescriptor(body, key);
    // What is inherited is not sent.
    if (descriptor === undefined || descriptor.get !== undefined || key === 'toJSON') return undefined;
  }
  return 'toJSON' in body ? undefined : (body as JsonObject);
}
