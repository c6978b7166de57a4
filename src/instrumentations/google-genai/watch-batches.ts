import type { OpenCall } from '../../calls/call.ts';
import { callMemory } from '../../calls/hub.ts';
import { type BatchKey, recallBatch, rememberBatch, settleBatchLine } from '../../calls/memory/batches.ts';
import { shownAttribution } from '../../calls/shown-call.ts';
import { type JsonObject, known, list, object, text } from '../../base/read.ts';
import { matchEndpoint } from '../../wire/endpoint.ts';
import { readBatchLine } from '../../wire/google-genai/batch-line.ts';
import { googleEndpoints } from '../../wire/google-genai/endpoints.ts';
import { modelName } from '../../wire/google-genai/generate-content.ts';
import type { BatchLine } from '../../wire/reading.ts';
import type { Watch } from '../http/plan.ts';

/**
 * Batches of the Gemini API: who handed one in is remembered, and every line of its results becomes one event, at the
 * batch rate, when the application reads it. Those of Vertex put theirs in a bucket or a table, out of sight.
 */
export function watchBatches(method: string, url: string, open: () => OpenCall): Watch | undefined {
  const path = url.replace(/[?#].*$/, '');
  if (method === 'POST' && /:(?:batchGenerateContent|asyncBatchEmbedContent)$/.test(path))
    return { handsIn: true, reply: (body) => rememberReply(body, open()) };
  if (method !== 'GET') return undefined;
  if (/\/batches\/[^/:]+$/.test(path)) return { reply: (body) => readReply(body, open) };
  const file = /\/(?<file>files\/[^/:]+):download$/.exec(path)?.groups?.file;
  return file === undefined ? undefined : { line: (line) => settleFileLine(line, file, open) };
}

const KIND = 'google-batch';
/** Which batch a file of results belongs to. */
const FILE = 'google-batch-file';

function rememberReply(reply: unknown, handedIn?: OpenCall): BatchKey | undefined {
  const id = text(object(reply)?.name);
  if (id === undefined) return undefined;
  const metadata = object(object(reply)?.metadata);
  const createdAt = new Date(text(metadata?.createTime) ?? Number.NaN);
  const key = { kind: KIND, id };
  rememberBatch(
    key,
    known({
      startedAt: Number.isNaN(createdAt.getTime()) ? undefined : createdAt,
      attribution: handedIn && shownAttribution(handedIn),
      model: modelName(metadata?.model),
    }),
  );
  return key;
}

/** A batch, read again: when it is done, its results stand in it, or the name of the file in which they are. */
function readReply(reply: unknown, open: () => OpenCall): void {
  const key = rememberReply(reply);
  const { response, metadata } = object(reply) ?? {};
  const output = object(response) ?? object(object(metadata)?.output) ?? {};
  const file = text(output.responsesFile);
  if (key === undefined) return;
  if (file !== undefined) callMemory().remember(FILE, file, { batch: key.id });
  settleInlined(inlined(output, 'inlinedResponses'), CHAT, key, open);
  settleInlined(inlined(output, 'inlinedEmbedContentResponses'), EMBEDDING, key, open);
}

const CHAT = '/models/m:generateContent';
const EMBEDDING = '/models/m:embedContent';

function inlined(output: JsonObject, name: string): readonly unknown[] {
  return list(object(output[name])?.[name]);
}

/** Named by the application's key; by its place where there is none, or where it names two. */
function settleInlined(
  responses: readonly unknown[],
  path: string,
  key: BatchKey,
  open: () => OpenCall,
): void {
  const seen = new Set<string>();
  for (const [index, response] of responses.entries()) {
    const named = readBatchLine(response);
    const isNew = named !== undefined && !seen.has(named.customId);
    const line = isNew ? named : readBatchLine({ ...object(response), key: `#${index}` });
    if (line === undefined) continue;
    seen.add(line.customId);
    settleLine(line, path, key, open);
  }
}

/** A file that nobody here knows as a batch's is the application's own. */
function settleFileLine(value: unknown, file: string, open: () => OpenCall): void {
  const id = text(callMemory().recall(FILE, file)?.batch);
  const line = readBatchLine(value);
  if (id === undefined || line === undefined) return;
  settleLine(line, line.body?.embedding === undefined ? CHAT : EMBEDDING, { kind: KIND, id }, open);
}

function settleLine(line: BatchLine, path: string, key: BatchKey, open: () => OpenCall): void {
  const endpoint = matchEndpoint(googleEndpoints, 'POST', path);
  const { startedAt, attribution, model, requests } = recallBatch(key);
  const call = open();
  const { provider, serverAddress } = call;
  const request = known({ model });
  if (endpoint === undefined) return;
  settleBatchLine(key, {
    line,
    reading: line.body === undefined ? {} : (endpoint.readResponse?.(line.body, { provider, request }) ?? {}),
    attribution: requests?.[line.customId]?.attribution ?? attribution ?? shownAttribution(call),
    provider,
    operation: endpoint.operation,
    request,
    startedAt: startedAt ?? call.startTime,
    ...known({ serverAddress }),
  });
}
