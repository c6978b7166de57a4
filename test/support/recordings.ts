import { Buffer } from 'node:buffer';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/base/read.ts';

/** One recorded exchange with a provider; the README beside the recordings explains the fields. */
export interface Recording {
  readonly id: string;
  readonly provider: string;
  readonly endpoint: string;
  readonly method: string;
  readonly url: string;
  readonly stream: boolean;
  readonly request_body: unknown;
  readonly request_model: string | null;
  readonly status: number;
  readonly response_headers: Readonly<Record<string, string>>;
  readonly response_body_type: string;
  readonly response_body: string;
  readonly response_model: string | null;
  readonly usage_on_wire: readonly { readonly path: string; readonly value: unknown }[];
  readonly expected_usage: unknown;
  readonly expected_usage_rule: string | null;
  readonly flags: readonly string[];
  /** The file it comes from, without `.jsonl`: `openai.chat.completions`. */
  readonly file: string;
}

/** Read in place, never copied: beside the project, or where `COSTSPAN_RECORDINGS` says. */
const FOLDER = process.env.COSTSPAN_RECORDINGS ?? join(import.meta.dirname, '../../../shared/recordings');

/** False when the folder is absent; in CI that is a failure, not a reason to skip. */
export const hasRecordings: boolean = existsSync(FOLDER);
if (!hasRecordings && process.env.CI) throw new Error(`No recordings at ${FOLDER}.`);

/** The recorded exchanges of the files whose name the predicate accepts. */
export function recordings(accept: (file: string) => boolean = () => true): readonly Recording[] {
  if (!hasRecordings) return [];
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .filter(accept)
    .flatMap((file) =>
      readFileSync(join(FOLDER, `${file}.jsonl`), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ ...(JSON.parse(line) as Omit<Recording, 'file'>), file })),
    );
}

/** The reply as an SDK would hand it over: parsed JSON, or the events of the stream in order. */
export function replyOf(recording: Recording): {
  readonly body?: unknown;
  readonly events?: readonly unknown[];
} {
  const { response_body: body, response_body_type: type } = recording;
  if (type === 'sse') return { events: parseSse(body) };
  if (type === 'ndjson') return { events: parseNdjson(body) };
  if (type === 'aws-eventstream-base64') return { events: parseEventStream(Buffer.from(body, 'base64')) };
  const parsed = parseJson(body);
  // Gemini streams a JSON array when it is not asked for SSE.
  return recording.stream && Array.isArray(parsed) ? { events: parsed } : { body: parsed };
}

/** The request as the SDK was given it, when it was JSON. */
export function requestOf(recording: Recording): JsonObject | undefined {
  const body = recording.request_body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as JsonObject) : undefined;
}

/** The JSON payloads of server-sent events; comments, `[DONE]` and CRLF line ends are dealt with. */
export function parseSse(text: string): readonly unknown[] {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n\n')
    .map((block) =>
      block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trimStart())
        .join('\n'),
    )
    .filter((data) => data !== '' && data !== '[DONE]')
    .flatMap((data) => parseJson(data) ?? []);
}

export function parseNdjson(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => parseJson(line) ?? []);
}

/** AWS event stream messages as the SDK yields them: `{ metadata: … }`, or `{ chunk: { bytes } }`. */
export function parseEventStream(bytes: Buffer): readonly unknown[] {
  const events: unknown[] = [];
  for (let at = 0; at + 16 <= bytes.length; at += bytes.readUInt32BE(at)) {
    const headersEnd = at + 12 + bytes.readUInt32BE(at + 4);
    // `:event-type`, a byte that says "text", two bytes of length, the text.
    const name = bytes.indexOf(':event-type', at) + ':event-type'.length;
    const type = bytes.toString('utf8', name + 3, name + 3 + bytes.readUInt16BE(name + 1));
    const payload = parseJson(bytes.toString('utf8', headersEnd, at + bytes.readUInt32BE(at) - 4));
    events.push({ [type]: payload });
  }
  return events;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
