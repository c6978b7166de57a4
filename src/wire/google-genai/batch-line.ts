import { known, object, text } from '../../base/read.ts';
import { errorTypeOf } from '../error-type.ts';
import type { BatchLine } from '../reading.ts';

/** One inlined response of a batch (`metadata.custom_id`), or one line of its result file (`key`). */
export function readBatchLine(line: unknown): BatchLine | undefined {
  const fields = object(line);
  const metadata = object(fields?.metadata);
  const customId = text(fields?.key) ?? text(metadata?.custom_id) ?? text(metadata?.key);
  if (fields === undefined || customId === undefined) return undefined;
  return known({
    customId,
    body: object(fields.response),
    errorType: errorTypeOf(fields.error),
  });
}
