// Deployed as one file: a chat at list prices, and one at the prices of a file beside the bundle.
import { existsSync } from 'node:fs';
import OpenAI from 'openai';
import { CostSpanProcessor, defaultPriceList, OpenAIInstrumentation, userPrices } from 'costspan';

export async function handler() {
  const events = [];
  const sink = {
    name: 'list',
    write: (written) => void events.push(...written.map((event) => event.toJSON())),
  };
  const file = process.env.PRICES;
  const prices = file !== undefined && existsSync(file) ? userPrices(file) : defaultPriceList;
  const processor = new CostSpanProcessor({ sinks: [sink], prices });
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: process.env.BASE_URL, maxRetries: 0 });
  await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] });
  await processor.shutdown();
  return events;
}

if (process.env.RUN === 'yes') void handler().then((events) => console.log(JSON.stringify(events)));
