import { known, object, text } from '../../base/read.ts';
import { errorTypeOf } from '../error-type.ts';
import type { BatchLine } from '../reading.ts';

/** One line of a message batch's results; errored, canceled and expired requests are not billed. */
export function readBatchLine(line: unknown): BatchLine | undefined {
  const fields = object(line);
  const customId = text(fields?.custom_id);
  const result = object(fields?.result);
  const type = text(result?.type);
  if (customId === undefined || type === undefined) return undefined;
  if (type === 'succeeded') return known({ customId, body: object(result?.message) });
  const error = object(result?.error);
  return { customId, errorType: error === undefined ? type : (errorTypeOf(error.error ?? error) ?? type) };
}
