import { type JsonObject, object } from '../../base/read.ts';
import type { Host } from '../../providers/host.ts';
import type { Endpoint } from '../../wire/reading.ts';
import { memberText, withMember, withNewMember } from './json-text.ts';

/**
 * A streamed chat or completion carries its usage only when asked
 * (https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options).
 *
 * @returns the request's text with the question in it; undefined where nothing must be, or may be, asked.
 */
export function askForUsage(
  text: string,
  fields: JsonObject,
  endpoint: Endpoint,
  host: Host,
): string | undefined {
  if (!host.includeUsage || fields.stream !== true || !STREAMS_WITHOUT_USAGE.has(endpoint.path))
    return undefined;
  // Azure's answers over one's own data (`data_sources`) refuse it.
  if (fields.data_sources !== undefined || fields.dataSources !== undefined) return undefined;
  const given = object(fields.stream_options);
  if (given?.include_usage === true) return undefined;
  const asked =
    'stream_options' in fields
      ? withMember(text, 'stream_options', withMember(writtenOptions(text, given), 'include_usage', 'true'))
      : withNewMember(text, 'stream_options', ASKED);
  return asked === text ? undefined : asked;
}

/** The options as they were written; `null` and the like ask for nothing. */
function writtenOptions(text: string, given: JsonObject | undefined): string {
  return (given && memberText(text, 'stream_options')) ?? '{}';
}

const ASKED = '{"include_usage":true}';
const STREAMS_WITHOUT_USAGE: ReadonlySet<string> = new Set(['/chat/completions', '/completions']);
