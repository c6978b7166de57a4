import { count, type JsonObject, known, object, text } from '../../base/read.ts';
import { type BatchKey, recallBatch, rememberBatch, settleBatchLine } from '../../calls/memory/batches.ts';
import { callMemory } from '../../calls/hub.ts';
import { shownAttribution } from '../../calls/shown-call.ts';
import { matchEndpoint, relativePath } from '../../wire/endpoint.ts';
import type { Watch } from '../http/plan.ts';
import type { WatchedRequest } from '../stainless/sdk.ts';
import { readBatchLine } from '../../wire/openai/batch-line.ts';
import { openaiEndpoints } from '../../wire/openai/endpoints.ts';
import { findByShape } from '../../wire/read-reply.ts';
import type { Endpoint } from '../../wire/reading.ts';

/** Batches: who handed one in is remembered, and every line of its output and error files becomes one event. */
export function watchBatches(request: WatchedRequest): Watch | undefined {
  const [first, id, last, ...more] = relativePath(request.path).slice(1).split('/');
  if (more.length > 0) return undefined;
  if (first === 'batches') {
    const isNew = request.method === 'POST' && id === undefined;
    return {
      ...(isNew && { handsIn: true }),
      reply: (body) => rememberBatchReply(body, isNew ? request : undefined),
    };
  }
  const isContent = first === 'files' && last === 'content' && request.method === 'GET';
  return isContent && id !== undefined ? watchFile(id, request) : undefined;
}

const KIND = 'openai-batch';
/** Which batch a file belongs to. */
const FILE = 'openai-batch-file';

/** The reply names the batch, and in time the files in which its results come. */
function rememberBatchReply(reply: unknown, handedIn: WatchedRequest | undefined): void {
  const batch = object(reply);
  const id = text(batch?.id);
  if (batch === undefined || id === undefined || batch.object !== 'batch') return;
  const createdAt = count(batch.created_at);
  const call = handedIn?.open();
  rememberBatch(
    { kind: KIND, id },
    known({
      startedAt: createdAt === undefined ? undefined : new Date(createdAt * 1000),
      attribution: call && shownAttribution(call),
      endpoint: text(batch.endpoint),
      model: text(batch.model),
    }),
  );
  for (const name of ['output_file_id', 'error_file_id']) {
    const file = text(batch[name]);
    if (file !== undefined) callMemory().remember(FILE, file, { batch: id });
  }
}

/** Lines pass by as the application reads the file, and none is read for us. */
function watchFile(file: string, request: WatchedRequest): Watch {
  const batch = (): string => text(callMemory().recall(FILE, file)?.batch) ?? UNKNOWN_BATCH;
  return { line: (line) => settleLine(line, { kind: KIND, id: batch() }, request) };
}

/** A batch that another program handed in: its lines are told by their ids, and billed to who reads them. */
const UNKNOWN_BATCH = 'unknown';

function settleLine(value: unknown, key: BatchKey, { open }: WatchedRequest): void {
  const line = readBatchLine(value);
  if (line === undefined || (key.id === UNKNOWN_BATCH && !line.id?.startsWith('batch_req_'))) return;
  const facts = recallBatch(key);
  const call = open(text(line.body?.model) ?? facts.model);
  const { provider, serverAddress } = call;
  const endpoint = endpointOf(line.body, facts.endpoint);
  if (endpoint === undefined || endpoint.free) return;
  const request = known({ model: facts.model });
  const created = count(line.body?.created ?? line.body?.created_at);
  settleBatchLine(key, {
    line,
    reading: line.body === undefined ? {} : (endpoint.readResponse?.(line.body, { provider, request }) ?? {}),
    attribution: facts.requests?.[line.customId]?.attribution ?? facts.attribution ?? shownAttribution(call),
    provider,
    operation: endpoint.operation,
    request,
    startedAt: facts.startedAt ?? (created === undefined ? call.startTime : new Date(created * 1000)),
    ...known({ serverAddress }),
  });
}

/** A line does not say which call it answers: the batch does, and where nobody here remembers it, the reply's shape. */
function endpointOf(body: JsonObject | undefined, path: string | undefined): Endpoint | undefined {
  const named = path === undefined ? undefined : matchEndpoint(openaiEndpoints, 'POST', path);
  return named ?? findByShape('openai', body) ?? matchEndpoint(openaiEndpoints, 'POST', '/chat/completions');
}
