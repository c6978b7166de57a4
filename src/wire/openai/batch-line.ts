import { known, object, text } from '../../base/read.ts';
import { errorTypeOf } from '../error-type.ts';
import type { BatchLine } from '../reading.ts';

/** One line of a batch's output or error file. */
export function readBatchLine(line: unknown): BatchLine | undefined {
  const fields = object(line);
  const customId = text(fields?.custom_id);
  if (fields === undefined || customId === undefined) return undefined;
  const response = object(fields.response);
  const status = response?.status_code;
  const body = object(response?.body);
  const isOk = typeof status === 'number' && status < 400 && body?.error === undefined;
  return known({
    id: text(fields.id),
    customId,
    requestId: text(response?.request_id),
    body: isOk || object(body?.usage) !== undefined ? body : undefined,
    errorType: isOk ? undefined : (errorTypeOf(body?.error ?? fields.error) ?? 'error'),
  });
}
