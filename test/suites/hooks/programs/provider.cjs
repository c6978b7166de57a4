// A provider on loopback: one chat reply, 10 tokens in, 5 out.
const { createServer } = require('node:http');

const reply = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};

/** Calls the provider once with each client class, one after the other. */
exports.callWith = async (...classes) => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
  for (const OpenAI of classes) {
    const client = new OpenAI({ apiKey: 'sk-test', baseURL });
    const messages = [{ role: 'user', content: 'Hello' }];
    const { choices } = await client.chat.completions.create({ model: 'gpt-4o', messages });
    if (choices[0].message.content !== 'Hi') throw new Error('wrong reply');
  }
  server.close();
  server.closeAllConnections();
};
