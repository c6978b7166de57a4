const OpenAI = require('openai');
const { CostSpanProcessor, OpenAIInstrumentation } = require('costspan');
const { SqliteLedger } = require('costspan/sqlite');
const { answer } = require('./app.js');

test('the application answers', async () => {
  const ledger = new SqliteLedger({ path: process.env.COSTSPAN_DB });
  const processor = new CostSpanProcessor({ sinks: [ledger] });
  // Jest loads modules itself, where no loader hook sees them.
  new OpenAIInstrumentation().manuallyInstrument(OpenAI);
  expect(await answer()).toBe('done');
  await processor.shutdown();
});
