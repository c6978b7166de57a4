// An application without an SDK, and what it may expect of a metered `fetch`.
import { CostSpanProcessor, meterFetch, withCustomer } from 'costspan';
import { SqliteLedger } from 'costspan/sqlite';

const base = process.env.OPENAI_BASE_URL;
let send = globalThis.fetch;
if (process.argv.includes('meterFetch')) {
  new CostSpanProcessor({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB })] });
  send = meterFetch(globalThis.fetch, { providers: { [new URL(base).host]: 'openai' } });
}

const ask = (more) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], ...more }),
});
await withCustomer('acme', async () => {
  const reply = await send(new Request(`${base}/chat/completions`, ask()));
  if (!(reply instanceof Response) || reply.status !== 200) throw new Error('no reply');
  const { choices } = await reply.json();
  if (choices[0].message.content !== 'Hi') throw new Error('another reply');
  const stream = await send(`${base}/chat/completions`, ask({ stream: true }));
  let text = '';
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) text += chunk;
  if (!text.endsWith('data: [DONE]\n\n')) throw new Error(text);
});
// Agents keep a process alive.
setTimeout(() => process.exit(), 300);
