import { known, object, text } from '../../base/read.ts';
import type { Reading } from '../reading.ts';
import { parametersOf } from '../request.ts';

/** A container is billed when it is opened, by its memory; the calls that name it later open nothing. */
export function readContainer(body: unknown): Reading {
  const container = object(body);
  return known({
    responseId: text(container?.id),
    usage: { codeInterpreterSessions: 1 },
    parameters: parametersOf(container, ['memory_limit']),
  });
}
