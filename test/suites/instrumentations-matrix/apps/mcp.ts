import type { App } from '../run.ts';

/** A model that is given the tools of an MCP server: real client and server, traced by Traceloop and by Sentry. */
export const run: App['run'] = async (url) => {
  const { default: OpenAI } = await import('openai');
  const { McpServer } = await import('@modelcontextprotocol/sdk/server/mcp.js');
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { InMemoryTransport } = await import('@modelcontextprotocol/sdk/inMemory.js');
  const { McpInstrumentation } = await import('@traceloop/instrumentation-mcp');
  const { z } = await import('zod');
  const Sentry = await import('@sentry/node');
  new McpInstrumentation().manuallyInstrument({
    serverModule: await import('@modelcontextprotocol/sdk/server/index.js'),
    clientModule: await import('@modelcontextprotocol/sdk/client/index.js'),
  } as never);
  Sentry.init({
    dsn: 'http://key@127.0.0.1:1/1',
    tracesSampleRate: 1,
    skipOpenTelemetrySetup: true,
  } as never);
  const server = Sentry.wrapMcpServerWithSentry(new McpServer({ name: 'weather', version: '1.0.0' }));
  server.registerTool('weather', { description: 'w', inputSchema: { city: z.string().optional() } }, () => ({
    content: [{ type: 'text', text: 'sunny' }],
  }));
  const client = new Client({ name: 'app', version: '1.0.0' });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(far), client.connect(near)]);
  const { tools } = await client.listTools();
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k' });
  const request = {
    model: 'gpt-4o',
    tools: tools.map(({ name, description = '', inputSchema: parameters }) => ({
      type: 'function' as const,
      function: { name, description, parameters: parameters as Record<string, unknown> },
    })),
  };
  const asked = { role: 'user' as const, content: 'hi' };
  const first = await openai.chat.completions.create({ ...request, messages: [asked] });
  const message = first.choices[0]!.message;
  const answers = await Promise.all(
    (message.tool_calls ?? []).map(async (call) => {
      const result = await client.callTool({ name: 'weather', arguments: {} });
      return { role: 'tool' as const, tool_call_id: call.id, content: JSON.stringify(result.content) };
    }),
  );
  if (answers.length === 0) throw new Error('the model asked for no tool');
  await openai.chat.completions.create({ ...request, messages: [asked, message, ...answers] });
  await client.close();
};
