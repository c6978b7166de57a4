/** OpenAI's replies: Chat Completions and Responses, whole and streamed, in the shapes of November 2026. */
import { randomUUID } from 'node:crypto';
import type { Endpoint, LoopbackRequest } from './server.ts';

interface Fixture {
  /** The dated model that serves the alias asked for. */
  readonly model: string;
  readonly answer: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

const CHAT: Fixture = {
  model: 'gpt-4o-2024-08-06',
  answer: 'Your parcel left the depot this morning and should reach you tomorrow before noon.',
  inputTokens: 2006,
  cachedTokens: 1920,
  outputTokens: 300,
  reasoningTokens: 0,
};

const REASONING: Fixture = {
  model: 'gpt-5-mini-2025-08-07',
  answer: 'billing',
  inputTokens: 412,
  cachedTokens: 0,
  outputTokens: 198,
  reasoningTokens: 192,
};

function fixtureFor(model: string): Fixture {
  return model.startsWith('gpt-5') ? REASONING : CHAT;
}

export const openaiChat: Endpoint = {
  reply({ model }) {
    const fixture = fixtureFor(model);
    return {
      ...chatEnvelope(fixture, 'chat.completion'),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: fixture.answer, refusal: null, annotations: [] },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: chatUsage(fixture),
    };
  },

  frames({ model, stream_options }: LoopbackRequest) {
    const fixture = fixtureFor(model);
    const envelope = chatEnvelope(fixture, 'chat.completion.chunk');
    // Only who asks for the usage gets it: on a last chunk without choices, and as null on all others.
    const withUsage = stream_options?.include_usage === true;
    const chunk = (choices: readonly unknown[], usage: unknown = null): string =>
      `data: ${JSON.stringify({ ...envelope, choices, ...(withUsage ? { usage } : {}) })}\n\n`;
    const choice = (delta: unknown, finish_reason: string | null = null): unknown[] => [
      { index: 0, delta, logprobs: null, finish_reason },
    ];
    return [
      chunk(choice({ role: 'assistant', content: '', refusal: null })),
      ...words(fixture.answer).map((content) => chunk(choice({ content }))),
      chunk(choice({}, 'stop')),
      ...(withUsage ? [chunk([], chatUsage(fixture))] : []),
      'data: [DONE]\n\n',
    ];
  },
};

export const openaiResponses: Endpoint = {
  reply({ model }) {
    const fixture = fixtureFor(model);
    return response(fixture, `resp_${shortId()}`, 'completed');
  },

  frames({ model }) {
    const fixture = fixtureFor(model);
    const id = `resp_${shortId()}`;
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const events = [
      { type: 'response.created', response: response(fixture, id, 'in_progress') },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...ITEM, status: 'in_progress', content: [] },
      },
      { type: 'response.content_part.added', ...at, part: part('') },
      ...words(fixture.answer).map((delta) => ({
        type: 'response.output_text.delta',
        ...at,
        delta,
        logprobs: [],
      })),
      { type: 'response.output_text.done', ...at, text: fixture.answer, logprobs: [] },
      { type: 'response.content_part.done', ...at, part: part(fixture.answer) },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { ...ITEM, status: 'completed', content: [part(fixture.answer)] },
      },
      { type: 'response.completed', response: response(fixture, id, 'completed') },
    ];
    return events.map(
      (event, sequence_number) =>
        `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`,
    );
  },
};

function chatEnvelope(fixture: Fixture, object: string): object {
  return {
    id: `chatcmpl-${shortId()}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: fixture.model,
    service_tier: 'default',
    system_fingerprint: 'fp_loopback',
  };
}

function chatUsage(fixture: Fixture): object {
  return {
    prompt_tokens: fixture.inputTokens,
    completion_tokens: fixture.outputTokens,
    total_tokens: fixture.inputTokens + fixture.outputTokens,
    prompt_tokens_details: { cached_tokens: fixture.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: fixture.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

const ITEM = { id: 'msg_1', type: 'message', role: 'assistant' };

function part(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function response(fixture: Fixture, id: string, status: 'in_progress' | 'completed'): object {
  const completed = status === 'completed';
  return {
    id,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status,
    background: false,
    error: null,
    incomplete_details: null,
    model: fixture.model,
    output: completed ? [{ ...ITEM, status, content: [part(fixture.answer)] }] : [],
    service_tier: completed ? 'default' : 'auto',
    usage: completed
      ? {
          input_tokens: fixture.inputTokens,
          input_tokens_details: { cached_tokens: fixture.cachedTokens },
          output_tokens: fixture.outputTokens,
          output_tokens_details: { reasoning_tokens: fixture.reasoningTokens },
          total_tokens: fixture.inputTokens + fixture.outputTokens,
        }
      : null,
    metadata: {},
  };
}

/** The text in the pieces a stream sends it in. */
export function words(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}

export function shortId(): string {
  return randomUUID().replaceAll('-', '');
}
