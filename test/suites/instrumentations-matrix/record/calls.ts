import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';

/** The calls that every instrumentation of OpenAI's SDK is recorded with. */
export async function callOpenAI(client: OpenAI): Promise<void> {
  const messages = [{ role: 'user' as const, content: 'hi' }];
  await client.chat.completions.create({ model: 'gpt-4o', messages });
  const stream = await client.chat.completions.create({
    model: 'gpt-4o',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) void chunk;
  await client.responses.create({ model: 'gpt-4o', input: 'hi' });
  await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hi' });
}

/** The same for Anthropic's. */
export async function callAnthropic(client: Anthropic): Promise<void> {
  const messages = [{ role: 'user' as const, content: 'hi' }];
  const request = { model: 'claude-sonnet-4-6', max_tokens: 100, messages };
  await client.messages.create(request);
  const stream = await client.messages.create({ ...request, stream: true });
  for await (const event of stream) void event;
}
