import { firstCount, known, object, text } from '../usage/read.ts';
import { UNKNOWN_OPERATION } from './call.ts';
import type { Endpoint, Reading } from './reading.ts';
import { readRequest } from './request.ts';

/**
 * A POST that no table lists. It is recorded when its reply carries `usage`, with whatever totals can be
 * recognised and the block as it came, so that a new endpoint is never silently missed.
 */
export const unlistedEndpoint: Endpoint = {
  method: 'POST',
  path: '/{unlisted}',
  operation: UNKNOWN_OPERATION,
  readRequest,
  readResponse: readUnlisted,
};

function readUnlisted(body: unknown): Reading {
  const reply = object(body);
  const usageRaw = object(reply?.['usage']);
  if (reply === undefined || usageRaw === undefined) return {};
  const usage = known({
    inputTokens: firstCount(usageRaw['input_tokens'], usageRaw['prompt_tokens']),
    outputTokens: firstCount(usageRaw['output_tokens'], usageRaw['completion_tokens']),
    totalTokens: firstCount(usageRaw['total_tokens']),
  });
  return known({ usage, usageRaw, responseId: text(reply['id']), responseModel: text(reply['model']) });
}
