import type { Attribution } from '../../attribution/attribution.ts';
import type { ShownAttribution } from '../../attribution/shown.ts';
import { known, list, type JsonObject, object, text } from '../../base/read.ts';
import {
  type BatchFacts,
  type BatchKey,
  type BatchRequestFacts,
  recallBatch,
  rememberBatch,
  settleBatchLine,
} from '../../calls/memory/batches.ts';
import { boundedBlock } from '../../calls/bounded.ts';
import { shownAttribution } from '../../calls/shown-call.ts';
import type { OpenCall } from '../../calls/call.ts';
import { relativePath } from '../../wire/endpoint.ts';
import { readRequest } from '../../wire/request.ts';
import type { Watch } from '../http/plan.ts';
import type { WatchedRequest } from '../stainless/sdk.ts';
import { readBatchLine } from '../../wire/anthropic/batch-line.ts';
import { hints } from '../../wire/anthropic/hints.ts';
import { readMessage } from '../../wire/anthropic/messages.ts';

/** Message batches: who handed one in is remembered, and every line of its results becomes one event. */
export function watchBatches(request: WatchedRequest): Watch | undefined {
  const [first, second, id, last, ...more] = relativePath(request.path).slice(1).split('/');
  if (first !== 'messages' || second !== 'batches' || more.length > 0) return undefined;
  if (request.method === 'POST') return id === undefined ? handedIn(request) : undefined;
  if (request.method !== 'GET' || id === undefined) return undefined;
  if (last === undefined) return { reply: (body) => rememberStart(body) };
  return last === 'results' ? results(request, { kind: KIND, id }) : undefined;
}

const KIND = 'anthropic-batch';

/** `batches.create()`: the reply brings the id under which the results will come. */
function handedIn({ open, body }: WatchedRequest): Watch {
  const remember = (reply: unknown): void => {
    const key = keyOf(reply);
    if (key === undefined) return;
    const call = open();
    const attribution = shownAttribution(call);
    const requests = list(object(body)?.requests).map((request) => object(request) ?? {});
    const models = new Set(requests.map(({ params }) => text(object(params)?.model)));
    const facts: BatchFacts = known({
      attribution,
      model: models.size === 1 ? [...models][0] : undefined,
      requests: Object.fromEntries(
        requests.flatMap((request) => factsOf(request, call, attribution.customer)),
      ),
    });
    rememberStart(reply, facts);
  };
  return { handsIn: true, reply: remember };
}

/** What one request of a batch says that the batch does not: whom it names, and who pays for it. */
function factsOf(
  request: JsonObject,
  batch: OpenCall,
  customer: Attribution['customer'],
): readonly (readonly [string, BatchRequestFacts])[] {
  const customId = text(request.custom_id);
  const params = object(request.params);
  if (customId === undefined || params === undefined) return [];
  const policy = object(params.billing_policy);
  const named = batch.attribution.customer === undefined ? namedIn(params, batch) : undefined;
  const facts: BatchRequestFacts = known({
    attribution: named?.customer === customer ? undefined : named,
    request: policy === undefined ? undefined : { billing_policy: boundedBlock(policy) },
  });
  return Object.keys(facts).length === 0 ? [] : [[customId, facts]];
}

/** Nobody claimed the batch: a resolver may know the customer from the request's own `metadata`. */
function namedIn(params: JsonObject, batch: OpenCall): ShownAttribution | undefined {
  const said = hints(params);
  if (Object.keys(said).length === 0) return undefined;
  const { model } = readRequest(params);
  return shownAttribution({ ...batch, hints: said, request: known({ model }) });
}

function rememberStart(reply: unknown, facts: BatchFacts = {}): void {
  const key = keyOf(reply);
  if (key === undefined) return;
  const startedAt = new Date(text(object(reply)?.created_at) ?? Number.NaN);
  rememberBatch(key, Number.isNaN(startedAt.getTime()) ? facts : { ...facts, startedAt });
}

function keyOf(reply: unknown): BatchKey | undefined {
  const batch = object(reply);
  const id = text(batch?.id);
  return id === undefined || batch?.type !== 'message_batch' ? undefined : { kind: KIND, id };
}

/** `batches.results()`: lines pass by as the application reads them, and none is read for us. */
function results({ open }: WatchedRequest, key: BatchKey): Watch {
  let facts: BatchFacts | undefined;
  return { line: (line) => settleLine(line, key, (facts ??= recallBatch(key)), open) };
}

function settleLine(value: unknown, key: BatchKey, facts: BatchFacts, open: WatchedRequest['open']): void {
  const line = readBatchLine(value);
  if (line === undefined) return;
  const own = facts.requests?.[line.customId];
  const call = open(text(line.body?.model) ?? facts.model);
  const { provider, serverAddress } = call;
  const context = known({ provider, request: own?.request });
  settleBatchLine(key, {
    line,
    reading: line.body === undefined ? {} : readMessage(line.body, context),
    // A batch that another program handed in is billed to whoever fetches its results.
    attribution: own?.attribution ?? facts.attribution ?? shownAttribution(call),
    provider,
    operation: 'chat',
    request: known({ model: facts.model }),
    startedAt: facts.startedAt ?? call.startTime,
    ...known({ serverAddress }),
  });
}
