import { count, known, object, text } from '../../usage/read.ts';
import { type BatchKey, recallBatch, rememberBatch, settleBatchLine } from '../batch.ts';
import { callHub, shownAttribution } from '../call-hub.ts';
import { matchEndpoint, relativePath } from '../endpoint.ts';
import { LinesReader } from '../stainless/body-reader.ts';
import { observeBody } from '../stainless/observe-body.ts';
import type { Watch, WatchedRequest } from '../stainless/sdk.ts';
import { readBatchLine } from './batch-line.ts';
import { openaiEndpoints } from './endpoints.ts';

/** Batches: who handed one in is remembered, and every line of its output and error files becomes one event. */
export function watchBatches(request: WatchedRequest): Watch | undefined {
  const [first, id, last, ...more] = relativePath(request.path).slice(1).split('/');
  if (more.length > 0) return undefined;
  if (first === 'batches') {
    const isNew = request.method === 'POST' && id === undefined;
    return (reply) => rememberBatchReply(reply, isNew ? request : undefined);
  }
  const isContent = first === 'files' && last === 'content' && request.method === 'GET';
  return isContent && id !== undefined ? (reply) => watchFile(reply, id, request) : undefined;
}

const KIND = 'openai-batch';
/** Which batch a file belongs to. */
const FILE = 'openai-batch-file';

/** The reply names the batch, and in time the files in which its results come. */
function rememberBatchReply(reply: unknown, handedIn: WatchedRequest | undefined): void {
  const batch = object(reply);
  const id = text(batch?.['id']);
  if (batch === undefined || id === undefined || batch['object'] !== 'batch') return;
  const createdAt = count(batch['created_at']);
  const call = handedIn?.open();
  rememberBatch(
    { kind: KIND, id },
    known({
      startedAt: createdAt === undefined ? undefined : new Date(createdAt * 1000),
      attribution: call && shownAttribution(call),
    }),
  );
  for (const name of ['output_file_id', 'error_file_id']) {
    const file = text(batch[name]);
    if (file !== undefined) callHub().memory.remember(FILE, file, { batch: id });
  }
}

/** Lines pass by as the application reads the file, and none is read for us. */
function watchFile(reply: unknown, file: string, request: WatchedRequest): void {
  if (!(typeof reply === 'object' && reply !== null && 'headers' in reply && 'body' in reply)) return;
  const id = text(callHub().memory.recall(FILE, file)?.['batch']);
  observeBody(reply as Response, {
    follow: () =>
      new LinesReader((line) => settleLine(line, { kind: KIND, id: id ?? UNKNOWN_BATCH }, request)),
    settle: () => undefined,
  });
}

/** A batch that another program handed in: its lines are told by their ids, and billed to who reads them. */
const UNKNOWN_BATCH = 'unknown';

function settleLine(value: unknown, key: BatchKey, { open }: WatchedRequest): void {
  const line = readBatchLine(value);
  if (line === undefined || (key.id === UNKNOWN_BATCH && !line.id?.startsWith('batch_req_'))) return;
  const facts = recallBatch(key);
  const call = open(text(line.body?.['model']) ?? facts.model);
  const { provider, serverAddress } = call;
  const path = pathOf(line.body?.['object']);
  const endpoint = path === undefined ? undefined : matchEndpoint(openaiEndpoints, 'POST', path);
  if (endpoint === undefined || endpoint.free) return;
  const created = count(line.body?.['created'] ?? line.body?.['created_at']);
  settleBatchLine(key, {
    line,
    reading: line.body === undefined ? {} : (endpoint.readResponse?.(line.body, { provider }) ?? {}),
    attribution: facts.requests?.[line.customId]?.attribution ?? facts.attribution ?? shownAttribution(call),
    provider,
    operation: endpoint.operation,
    request: {},
    startedAt: facts.startedAt ?? (created === undefined ? call.startTime : new Date(created * 1000)),
    ...known({ serverAddress }),
  });
}

/** A line does not say which call it answers; its reply does. A line that failed says neither. */
function pathOf(replyObject: unknown): string | undefined {
  if (replyObject === undefined || replyObject === 'chat.completion') return '/chat/completions';
  if (replyObject === 'text_completion') return '/completions';
  if (replyObject === 'response') return '/responses';
  return replyObject === 'list' ? '/embeddings' : undefined;
}
