// One plain and one streamed chat for one customer, then a report of what left the process.
import { createServer } from 'node:http';
import { withCustomer } from 'costspan';
import OpenAI from 'openai';
import { stop } from './telemetry.mjs';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const head = { id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06' };
const seen = [];

const server = createServer(async (request, response) => {
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
  seen.push({ baggage: request.headers.baggage ?? null, traced: 'traceparent' in request.headers });
  if (!body.stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ ...head, choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }], usage }),
    );
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(
    `data: ${JSON.stringify({ ...head, choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] })}\n\n`,
  );
  response.write(`data: ${JSON.stringify({ ...head, choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const client = new OpenAI({ apiKey: 'sk-test', baseURL: `http://127.0.0.1:${server.address().port}/v1` });
const chat = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] };
let chunks = 0;
await withCustomer('acme', { feature: 'chat' }, async () => {
  await client.chat.completions.create(chat);
  for await (const chunk of await client.chat.completions.create({ ...chat, stream: true }))
    chunks += chunk.choices.length;
});
server.close();
server.closeAllConnections();
console.log(JSON.stringify({ spans: await stop(), seen, chunks }));
