import { count, firstCount, type JsonObject, known, list, object, text } from '../base/read.ts';
import { wiresOf } from './wires.ts';

/** How large a call can get, from its request alone; what budgets hold against. */
export interface RequestSize {
  /** Bytes (UTF-8) of the request. A token is at least one byte. */
  readonly inputBytes: number;
  /** The limit that the request sets on its output. */
  readonly maxOutputTokens?: number;
  /** How many answers are asked for (`n`). */
  readonly choices?: number;
  /** Why no bound follows from the request. */
  readonly unbounded?: string;
}

/** The size of a request, read before it is sent. */
export function requestSize(provider: string, request: JsonObject, inputBytes: number): RequestSize {
  const maxOutputTokens = firstCount(...wiresOf(provider).map((wire) => wire.outputLimit?.(request)));
  return known({
    inputBytes,
    maxOutputTokens,
    choices: count(request.n),
    unbounded:
      maxOutputTokens === undefined ? 'the request sets no limit on its output' : unboundedInput(request),
  });
}

/** Input that the request only refers to, and work that it leaves to the provider, cost what nobody can tell before. */
function unboundedInput(request: JsonObject): string | undefined {
  const reference = REFERENCES.find((name) => request[name] !== undefined && request[name] !== null);
  if (reference !== undefined) return `'${reference}' adds input that the request does not show`;
  const tool = list(request.tools)
    .map((each) => text(object(each)?.type))
    .find((type) => type !== undefined && !OWN_TOOLS.has(type));
  if (tool !== undefined) return `the provider runs the tool '${tool}' as often as it likes`;
  const part = findPart([request.messages, request.input, request.contents], 0);
  return part === undefined ? undefined : `the size of a '${part}' in tokens is not known`;
}

const REFERENCES = ['previous_response_id', 'conversation', 'prompt_cache_id', 'cachedContent', 'file_ids'];
/** Tools that the application runs itself. */
const OWN_TOOLS: ReadonlySet<string> = new Set(['function', 'custom']);
/** Parts of a message that are text as it is sent. */
const TEXT_PARTS: ReadonlySet<string> = new Set([
  'text',
  'input_text',
  'output_text',
  'message',
  'tool_use',
  'tool_result',
  'tool_call',
  'function_call',
  'function_call_output',
  'thinking',
  'redacted_thinking',
  'reasoning',
  'refusal',
]);

/** The first part of a conversation that is not text; a few levels down, where SDKs put them. */
function findPart(value: unknown, depth: number): string | undefined {
  if (depth > 6) return undefined;
  if (Array.isArray(value)) {
    for (const each of value as readonly unknown[]) {
      const found = findPart(each, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const fields = object(value);
  if (fields === undefined) return undefined;
  const type = text(fields.type);
  if (type !== undefined && !TEXT_PARTS.has(type)) return type;
  const binary = ['inlineData', 'fileData'].find((name) => name in fields);
  return binary ?? findPart([fields.content, fields.parts, fields.output], depth + 1);
}
