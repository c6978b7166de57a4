/** A support desk for three customers, answering through OpenAI and Anthropic. It says whom a request is for, once. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { withCustomer } from 'costspan';
import OpenAI from 'openai';

const openai = new OpenAI();
const anthropic = new Anthropic();

/** As in any multi-tenant service, the caller's key says who it is. */
const CUSTOMERS: Readonly<Record<string, string>> = {
  'Bearer key-of-acme': 'acme_corp',
  'Bearer key-of-globex': 'globex',
  'Bearer key-of-initech': 'initech',
};

const FEATURES: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
  '/chat': chat,
  '/triage': triage,
  '/letter': letter,
  '/summary': summary,
};

const server = createServer((request, response) => {
  const path = request.url ?? '';
  const feature = FEATURES[path];
  const customer = CUSTOMERS[request.headers.authorization ?? ''];
  request.resume();
  if (path === '/jobs/summary') {
    // A job of our own that nobody thought of attributing: reports show it as such instead of hiding it.
    void answer(response, summary);
  } else if (feature === undefined || customer === undefined) {
    response.writeHead(feature === undefined ? 404 : 401).end();
  } else {
    // The one line of Costspan in the application: every call made below here is this customer's.
    void withCustomer(customer, { feature: path.slice(1) }, () => answer(response, feature));
  }
});

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => server.close());

async function answer(
  response: ServerResponse,
  feature: (response: ServerResponse) => Promise<void>,
): Promise<void> {
  try {
    await feature(response);
  } catch (error) {
    console.error(error);
    response.destroy();
  }
}

async function chat(response: ServerResponse): Promise<void> {
  const stream = await openai.chat.completions.create({
    model: 'gpt-4o',
    max_tokens: 300,
    messages: [{ role: 'user', content: 'Where is my parcel?' }],
    stream: true,
  });
  for await (const chunk of stream) response.write(chunk.choices[0]?.delta.content ?? '');
  response.end();
}

async function triage(response: ServerResponse): Promise<void> {
  const reply = await openai.responses.create({
    model: 'gpt-5-mini',
    max_output_tokens: 300,
    input: 'Which team takes this ticket, shipping or billing? "I was charged twice." One word.',
  });
  response.end(reply.output_text);
}

async function letter(response: ServerResponse): Promise<void> {
  const stream = anthropic.messages.stream({
    model: 'claude-sonnet-5',
    max_tokens: 500,
    system: [{ type: 'text', text: 'You write for a parcel service.', cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'Draft a letter about the delay, in two sentences.' }],
  });
  stream.on('text', (text) => response.write(text));
  await stream.finalMessage();
  response.end();
}

async function summary(response: ServerResponse): Promise<void> {
  const message = await anthropic.messages.create({
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Three tickets are open. Summarise them in one sentence.' }],
  });
  for (const block of message.content) if (block.type === 'text') response.write(block.text);
  response.end();
}
