import { count, type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { countCharacters } from '../characters.ts';
import { reportedCost } from '../reported-cost.ts';
import type { Reading, ReadingContext, StreamReader } from '../reading.ts';
import { errorTypeOf } from '../error-type.ts';
import { svgIteration } from './svg-usage.ts';
import { TextCounter } from '../text-counter.ts';
import { overlaid } from '../usage-block.ts';
import { readBlock } from './usage.ts';

/** A response, a compaction or a decision, created or retrieved. */
export function readResponse(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const raw = reply.usage;
  const model = text(reply.model);
  const { usage, ...block } = readBlock(raw, { provider: context.provider, model });
  const status = text(reply.status);
  const finishReason = text(object(reply.incomplete_details)?.reason) ?? status;
  return known({
    responseId: text(reply.id),
    responseModel: model,
    ...block,
    usage: usage && { ...usage, ...hostedTools(reply, usage) },
    serviceTier: text(reply.service_tier),
    finishReasons: finishReason === undefined ? undefined : [finishReason],
    parameters: toolParameters(reply),
    reported: reportedCost(raw, context.provider),
    pending:
      usage === undefined && block.usageFault === undefined && UNFINISHED.has(status ?? '')
        ? true
        : undefined,
    background: reply.background === true ? true : undefined,
    errorType: errorTypeOf(reply.error),
    outputCharacters:
      usage === undefined
        ? countCharacters(list(reply.output).map((item) => object(item)?.content))
        : undefined,
  });
}

/** A background response is a receipt until it ends. */
const UNFINISHED: ReadonlySet<string> = new Set(['queued', 'in_progress']);

/** `response.incomplete` and `response.failed` are billed like `response.completed`. */
const TERMINAL: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

/** Follows the events of a response, from its start or resumed with `starting_after`. */
export function createResponseStreamReader(context: ReadingContext): StreamReader {
  let latest: JsonObject | undefined;
  let isFinal = false;
  let errorType: string | undefined;
  const output = new TextCounter(context.countTokens);
  return {
    read(event) {
      const fields = object(event);
      const type = text(fields?.type) ?? '';
      const response = object(fields?.response);
      if (response !== undefined) latest = withUsage(response, object(latest?.usage));
      isFinal ||= TERMINAL.has(type);
      if (type === 'error') errorType ??= errorTypeOf(fields?.error ?? { code: fields?.code });
      if (type.endsWith('.delta') && !type.includes('audio.delta')) {
        output.add(fields?.delta);
      }
    },
    reading() {
      const { usage, usageRaw, usageFault, reported, ...facts } = readResponse(latest, context);
      const { finishReasons, ...started } = facts;
      return known({
        ...(isFinal ? { ...started, finishReasons, usage, usageRaw, usageFault, reported } : started),
        // A background stream that breaks goes on at the provider; its usage comes with a later read.
        pending: !isFinal && latest?.background === true ? true : undefined,
        errorType: facts.errorType ?? errorType,
        outputCharacters: Math.max(output.characters, facts.outputCharacters ?? 0),
        outputTokens: output.tokens,
      });
    },
  };
}

function withUsage(response: JsonObject, earlier: JsonObject | undefined): JsonObject {
  const block = object(response.usage) ?? {};
  return earlier === undefined ? response : { ...response, usage: overlaid(earlier, block) };
}

/**
 * What hosted tools consumed beside the model. `tool_usage` is authoritative (since openai 7.46); before it
 * and at other hosts the output items are counted. A tool that did nothing is left out.
 */
function hostedTools(reply: JsonObject, usage: Usage): Usage {
  const items = list(reply.output).map((item) => object(item) ?? {});
  const ofType = (type: string) => items.filter((item) => item.type === type);
  const toolUsage = object(reply.tool_usage);
  const images = object(toolUsage?.image_gen);
  const searches =
    count(object(toolUsage?.web_search)?.num_requests) ??
    usage.webSearchRequests ??
    ofType('web_search_call').filter(isSearch).length;
  const imageTool = images === undefined ? {} : imageToolUsage(images);
  const hasImageTokens =
    (imageTool.imageToolOutputTokens ?? 0) > 0 || (imageTool.imageToolInputTokens ?? 0) > 0;
  const iterations = ofType('image_generation_call').flatMap((item) => svgIteration(item.svg_usage) ?? []);
  const tools = {
    webSearchRequests: positive(searches),
    fileSearchRequests: positive(usage.fileSearchRequests ?? ofType('file_search_call').length),
    codeInterpreterSessions: positive(startedContainers(reply, items).size),
    outputImages: hasImageTokens
      ? undefined
      : positive(ofType('image_generation_call').filter(isDone).length),
    iterations: iterations.length === 0 ? undefined : iterations,
  };
  return { ...known(tools), ...(hasImageTokens ? imageTool : {}) };
}

/** Containers that this response started; one that the request named was opened, and billed, before. */
function startedContainers(reply: JsonObject, items: readonly JsonObject[]): ReadonlySet<string> {
  const containers = new Set<string>();
  for (const item of items) {
    const isShell = item.type === 'shell_call';
    if (!isShell && item.type !== 'code_interpreter_call') continue;
    const id = text(isShell ? object(item.environment)?.container_id : item.container_id);
    if (id !== undefined) containers.add(id);
  }
  for (const item of list(reply.tools)) {
    const tool = object(item);
    const named = text(tool?.container) ?? text(object(tool?.environment)?.container_id);
    if (named !== undefined) containers.delete(named);
  }
  return containers;
}

function positive(number: number): number | undefined {
  return number > 0 ? number : undefined;
}

/** Only searches cost; opening a page or looking inside one does not. Older replies have no `action`. */
function isSearch(item: JsonObject): boolean {
  const action = object(item.action);
  return item.status !== 'failed' && (action === undefined || action.type === 'search');
}

function isDone(item: JsonObject): boolean {
  return item.status === 'completed' || text(item.result) !== undefined;
}

function imageToolUsage(block: JsonObject): Usage {
  const input = object(block.input_tokens_details) ?? {};
  return known({
    imageToolInputTokens: count(block.input_tokens),
    imageToolInputTextTokens: count(input.text_tokens),
    imageToolInputImageTokens: count(input.image_tokens),
    imageToolCacheReadTokens: count(block.cached_tokens),
    imageToolOutputTokens: count(block.output_tokens),
  });
}

/** Of the containers the call may open; different ones at once have no one price. */
function memoryLimit(tools: readonly JsonObject[]): string | undefined {
  const limits = tools
    .map(({ container, environment }) => object(container ?? environment))
    .filter((opened) => opened !== undefined)
    .map((opened) => text(opened.memory_limit));
  if (limits.every((limit) => limit === undefined)) return undefined;
  return [...new Set(limits.map((limit) => limit ?? '1g'))].join(',');
}

/** What of the hosted tools decides their price: the kind of search, the size of containers, the model that draws. */
function toolParameters(reply: JsonObject): Readonly<Record<string, string>> | undefined {
  const tools = list(reply.tools).map((tool) => object(tool) ?? {});
  // The preview tool and the current one cost differently.
  const search = tools.find(({ type }) => text(type)?.startsWith('web_search'));
  const parameters = known({
    web_search_tool: text(search?.type),
    search_context_size: text(search?.search_context_size),
    memory_limit: memoryLimit(tools),
    image_generation_model: text(tools.find(({ type }) => type === 'image_generation')?.model),
  });
  return Object.keys(parameters).length === 0 ? undefined : parameters;
}
