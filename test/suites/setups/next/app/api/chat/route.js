import OpenAI from 'openai';
import { OpenAIInstrumentation, withCustomer } from 'costspan';

// The other way: the SDK is in the bundle, and its class is handed over beside the client.
if (process.env.BUNDLED === '1') new OpenAIInstrumentation().manuallyInstrument(OpenAI);

const messages = [{ role: 'user', content: 'Hello' }];

export async function POST(request) {
  return withCustomer(request.headers.get('x-tenant'), async () => {
    const client = new OpenAI();
    await client.chat.completions.create({ model: 'gpt-4o', messages });
    for await (const _ of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }));
    return Response.json({ done: true });
  });
}
