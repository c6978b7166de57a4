import { expect, test } from 'vitest';
import { read } from '../support/replies.ts';

test("adds Mistral's audio tokens to the prompt", () => {
  const { usage } = read('mistral_ai', {
    text: 'hello',
    usage: {
      prompt_audio_seconds: 3,
      prompt_tokens: 5,
      total_tokens: 400,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 375 },
    },
  });
  // 5 + 375 = 380; 380 + 20 = 400
  expect(usage).toMatchObject({
    inputTokens: 380,
    inputAudioTokens: 375,
    outputTokens: 20,
    inputAudioSeconds: 3,
  });
});
