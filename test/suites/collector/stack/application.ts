/** Real calls of three customers, a round of them for every line on stdin. */
import { createInterface } from 'node:readline';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { withCustomer } from '../../../../src/index.ts';

const openai = new OpenAI();
const anthropic = new Anthropic();
const messages = [{ role: 'user', content: 'Where is my parcel?' }] as const;

async function chat(): Promise<void> {
  const stream = await openai.chat.completions.create({
    model: 'gpt-4o',
    messages: [...messages],
    stream: true,
  });
  for await (const _ of stream);
}

/** Broken off before its usage comes, which therefore never does: what it cost is estimated. */
async function abandoned(): Promise<void> {
  const stream = await unfinished.chat.completions.create({
    model: 'gpt-4o',
    messages: [...messages],
    stream: true,
  });
  for await (const _ of stream) break;
}

const unfinished = new OpenAI({ fetch: () => Promise.resolve(firstChunkAlone()) });

function firstChunkAlone(): Response {
  const chunk = {
    id: 'chatcmpl-unfinished',
    object: 'chat.completion.chunk',
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, delta: { content: 'Your parcel' }, finish_reason: null }],
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`)),
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

async function triage(): Promise<void> {
  await openai.responses.create({ model: 'gpt-5-mini', input: 'Shipping or billing?' });
}

async function summary(): Promise<void> {
  await anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 100, messages: [...messages] });
}

/** A model that no price list knows. */
async function search(): Promise<void> {
  await openai.embeddings.create({ model: 'text-embedding-of-tomorrow', input: 'parcel' });
}

async function round(): Promise<void> {
  await Promise.all([
    withCustomer('acme_corp', { feature: 'chat' }, chat),
    withCustomer('acme_corp', { feature: 'chat' }, chat),
    withCustomer('acme_corp', { feature: 'triage' }, triage),
    withCustomer('globex', { feature: 'summary' }, summary),
    withCustomer('globex', { feature: 'search' }, search),
    withCustomer('globex', { feature: 'chat' }, abandoned),
    withCustomer("o'neill & sons", { feature: 'chat' }, chat),
    summary(),
  ]);
  console.log('round');
}

createInterface(process.stdin).on('line', () => void round());
