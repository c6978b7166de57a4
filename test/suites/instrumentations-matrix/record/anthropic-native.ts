import Anthropic from '@anthropic-ai/sdk';
import { callAnthropic } from './calls.ts';
import { Recorder } from './recorder.ts';

const recorder = await Recorder.start();
const client = new Anthropic({ baseURL: recorder.provider.url, apiKey: 'k' });
await callAnthropic(client);
await client.beta.messages.toolRunner({
  model: 'claude-sonnet-4-6',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'hi' }],
  tools: [
    {
      type: 'custom',
      name: 'weather',
      description: 'w',
      input_schema: { type: 'object' },
      run: () => 'sunny',
      parse: (value: unknown) => value,
    } as never,
  ],
});
await recorder.write('anthropic-native', ['@anthropic-ai/sdk']);
