import { object } from '../base/read.ts';
import { readMessage } from './anthropic/messages.ts';
import { createReplyStreamReader, readReply } from './openai/reply.ts';
import type { Endpoint, Reading, ReadingContext } from './reading.ts';
import { readRequest } from './request.ts';

/** The operation of a call to an endpoint that no table lists. */
export const UNKNOWN_OPERATION = 'unknown';

/**
 * A POST that no table lists. It is recorded when its reply carries `usage`, with whatever can be recognised and
 * the block as it came, so that a new endpoint is never silently missed.
 */
export const unlistedEndpoint: Endpoint = {
  method: 'POST',
  path: '/{unlisted}',
  operation: UNKNOWN_OPERATION,
  readRequest,
  readResponse: readUnlisted,
  readStream: createReplyStreamReader,
};

/** Anthropic's blocks leave the cache out of the input and can be told by their names; all others are read alike. */
function readUnlisted(body: unknown, context: ReadingContext): Reading {
  const block = object(object(body)?.usage);
  const isAnthropic =
    block !== undefined && 'cache_creation_input_tokens' in block && 'input_tokens' in block;
  return isAnthropic ? readMessage(body, context) : readReply(body, context);
}
