/** Anthropic's replies: Messages, whole and streamed, in the shapes of November 2026. */
import { shortId, words } from './openai.ts';
import type { Endpoint } from './server.ts';

interface Fixture {
  readonly model: string;
  readonly answer: string;
  /** What was neither read from the cache nor written to it. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly outputTokens: number;
  /** Part of the output. */
  readonly thinkingTokens: number;
}

const SONNET: Fixture = {
  model: 'claude-sonnet-5',
  answer: 'Dear customer, thank you for your patience; here is what we have found so far.',
  inputTokens: 84,
  cacheReadTokens: 1850,
  cacheWrite5mTokens: 0,
  outputTokens: 420,
  thinkingTokens: 130,
};

/** The first caller of a prompt pays for writing it to the cache; the others read it. */
const SONNET_FIRST: Fixture = { ...SONNET, cacheReadTokens: 0, cacheWrite5mTokens: 1850 };

const HAIKU: Fixture = {
  model: 'claude-haiku-4-5-20251001',
  answer: 'Three tickets are open; two of them wait for the customer.',
  inputTokens: 1310,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  outputTokens: 96,
  thinkingTokens: 0,
};

let cacheIsWarm = false;

function fixtureFor(model: string): Fixture {
  if (model.includes('haiku')) return HAIKU;
  const fixture = cacheIsWarm ? SONNET : SONNET_FIRST;
  cacheIsWarm = true;
  return fixture;
}

export const anthropicMessages: Endpoint = {
  reply({ model }) {
    const fixture = fixtureFor(model);
    return {
      ...message(fixture),
      content: [{ type: 'text', text: fixture.answer }],
      stop_reason: 'end_turn',
      usage: usage(fixture, fixture.outputTokens),
    };
  },

  frames({ model }) {
    const fixture = fixtureFor(model);
    const events = [
      // The count of the first event is a placeholder; the last one has the real figure.
      { type: 'message_start', message: { ...message(fixture), usage: usage(fixture, 1) } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      ...words(fixture.answer).map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: {
          ...counts(fixture),
          output_tokens: fixture.outputTokens,
          output_tokens_details: details(fixture),
        },
      },
      { type: 'message_stop' },
    ];
    return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  },
};

function message(fixture: Fixture): object {
  return {
    id: `msg_${shortId()}`,
    type: 'message',
    role: 'assistant',
    model: fixture.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  };
}

function usage(fixture: Fixture, outputTokens: number): object {
  return {
    ...counts(fixture),
    cache_creation: {
      ephemeral_5m_input_tokens: fixture.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: 0,
    },
    output_tokens: outputTokens,
    output_tokens_details: details(fixture),
    service_tier: 'standard',
    inference_geo: 'global',
  };
}

function details(fixture: Fixture): object {
  return { thinking_tokens: fixture.thinkingTokens };
}

/** `input_tokens` is only what had nothing to do with the cache: the three add up to the prompt. */
function counts(fixture: Fixture): object {
  return {
    input_tokens: fixture.inputTokens,
    cache_creation_input_tokens: fixture.cacheWrite5mTokens,
    cache_read_input_tokens: fixture.cacheReadTokens,
  };
}
