/** Replies in the providers' true shapes; every quantity differs, so that none can be mistaken for another. */

/** 2006 in (1920 cached) + 300 out (192 reasoning). */
export const chatUsage = {
  prompt_tokens: 2006,
  completion_tokens: 300,
  total_tokens: 2306,
  prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 192,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

export const chatCompletion = {
  id: 'chatcmpl-123',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello there' },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: chatUsage,
};

const chunk = (delta: object, finishReason: string | null = null): object => ({
  id: 'chatcmpl-123',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  choices: [{ index: 0, delta, finish_reason: finishReason }],
});

/** The chunks of a streamed chat for an application that did not ask for usage. */
export const chatChunks = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hello ' }),
  chunk({ content: 'there' }),
  chunk({}, 'stop'),
];

/** The same when usage was asked for: `usage: null` on every chunk, and one more chunk. */
export const chatChunksWithUsage = [
  ...chatChunks.map((each) => ({ ...each, usage: null })),
  { ...chunk({}), choices: [], usage: chatUsage },
];

export const responseUsage = {
  input_tokens: 1000,
  input_tokens_details: { cached_tokens: 400 },
  output_tokens: 50,
  output_tokens_details: { reasoning_tokens: 20 },
  total_tokens: 1050,
};

export const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1_700_000_000,
  status: 'completed',
  model: 'gpt-4.1-2025-04-14',
  service_tier: 'default',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
    },
  ],
  usage: responseUsage,
};

export const responseEvents = [
  {
    type: 'response.created',
    sequence_number: 0,
    response: { ...response, status: 'in_progress', output: [], usage: null },
  },
  {
    type: 'response.output_text.delta',
    sequence_number: 1,
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'Hi',
  },
  { type: 'response.completed', sequence_number: 2, response },
];

/** 12 fresh + 5000 read + 700 written (500 for 5 m, 200 for 1 h) = 5712 in; 210 out. */
export const messageUsage = {
  input_tokens: 12,
  cache_read_input_tokens: 5000,
  cache_creation_input_tokens: 700,
  cache_creation: { ephemeral_5m_input_tokens: 500, ephemeral_1h_input_tokens: 200 },
  output_tokens: 210,
  service_tier: 'standard',
};

export const message = {
  id: 'msg_123',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  content: [{ type: 'text', text: 'Hello there' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: messageUsage,
};

export const messageEvents = [
  {
    type: 'message_start',
    message: { ...message, content: [], stop_reason: null, usage: { ...messageUsage, output_tokens: 1 } },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'ping' },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello there' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 210 },
  },
  { type: 'message_stop' },
];
