export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { costspanInstrumentations, startCostspan } = await import('costspan');
  const { SqliteLedger } = await import('costspan/sqlite');
  // The net knows the providers' own hosts; this test's provider is on loopback.
  const { host } = new URL(process.env.OPENAI_BASE_URL);
  startCostspan({
    sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB, durability: 'call' })],
    instrumentations: costspanInstrumentations({ providers: { [host]: 'openai' } }),
  });
  if (process.env.WITH_VERCEL_OTEL === '1') (await import('@vercel/otel')).registerOTel('app');
}
