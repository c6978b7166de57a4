import { decimal, known } from '../../base/read.ts';
import { derivedEventId } from '../../calls/event-id.ts';
import { costOfFacts } from '../../calls/cost-of-call.ts';
import { costEventFrom } from '../../metering/check-event.ts';
import type { CostEvent } from '../../metering/cost-event.ts';
import type { Cost, PriceList } from '../../pricing/price.ts';
import { canonicalProvider } from '../../providers/spelling.ts';
import { type Usage, usageFromJson } from '../../usage/usage.ts';
import { readRawReply } from '../../wire/read-reply.ts';
import type { ImportedCall, ImportSource } from './imported-call.ts';

/** The event of a foreign row, under an id that every reading of that row gives it. What the tool says it cost is kept. */
export function eventOf(
  call: ImportedCall,
  source: ImportSource,
  { customer, prices }: { readonly customer?: string; readonly prices: readonly PriceList[] },
): CostEvent {
  const provider = canonicalProvider(call.provider);
  const usage = usageOf(call, provider);
  const payer = call.customer ?? customer;
  const facts = {
    id: derivedEventId('import', source.name, call.key),
    kind: 'usage',
    timestamp: call.timestamp,
    customer: payer ?? null,
    context: { ...call.context, imported_from: source.name },
    provider,
    operation: call.operation ?? 'chat',
    stream: call.stream ?? false,
    status: call.status ?? 'ok',
    retries: 0,
    usage,
    usageSource: Object.keys(usage).length === 0 ? ('none' as const) : ('provider' as const),
    ...known({
      attributionSource: payer === undefined ? undefined : ('default' as const),
      responseModel: call.model,
      requestModel: call.model,
      responseId: call.responseId,
      serviceTier: call.serviceTier,
      usageRaw: call.usageRaw,
      errorType: call.errorType ?? (call.status === 'error' ? 'unknown' : undefined),
      durationMs: call.durationMs,
      timeToFirstTokenMs: call.timeToFirstTokenMs,
    }),
  };
  const cost = call.cost === undefined ? ownCost(facts, prices) : givenCost(call.cost, source, call.model);
  return costEventFrom({ ...facts, cost });
}

/** The quantities of the provider's own block, read as in a reply; else the counts the tool kept. */
function usageOf({ usageRaw, usage = {}, model }: ImportedCall, provider: string): Usage {
  if (usageRaw !== undefined) {
    const key =
      provider.startsWith('gcp.') && provider !== 'gcp.vertex_ai_openai' ? 'usageMetadata' : 'usage';
    const { reading } = readRawReply({ body: { ...known({ model }), [key]: usageRaw }, provider });
    if (reading.usage !== undefined && Object.keys(reading.usage).length > 0) return reading.usage;
    const counted = usageFromJson(
      Object.fromEntries(Object.entries(usageRaw).filter(([, value]) => typeof value === 'number')),
    );
    if (Object.keys(counted).length > 0) return counted;
  }
  return usageFromJson(usage);
}

function ownCost(
  facts: Parameters<typeof costOfFacts>[0] & { readonly usageSource: CostEvent['usageSource'] },
  prices: readonly PriceList[],
): Cost {
  if (facts.usageSource === 'none')
    return { status: 'unpriced', lineItems: [], reason: 'the imported row has no usage' };
  return costOfFacts(facts, prices);
}

function givenCost(amount: string, source: ImportSource, model: string | undefined): Cost {
  const exact = decimal(amount) ?? amount;
  return {
    status: 'priced',
    currency: 'USD',
    amount: exact,
    source: 'local',
    lineItems: [{ meter: 'imported', quantity: '1', unitPrice: exact, per: '1', amount: exact }],
    price: { list: `import:${source.name}`, id: model ?? 'unknown' },
  };
}
