import { exact, formatDecimal, subtract } from '../../base/decimal.ts';
import type { ReportedCost } from '../../pricing/price.ts';
import { type JsonObject, known, object, text } from '../../base/read.ts';
import { QUANTITIES, type QuantityName } from '../../usage/quantities.ts';
import { type Usage, usageFromJson, usageToJson } from '../../usage/usage.ts';
import { attributionFromFact, attributionToFact } from './attribution-fact.ts';
import { boundedReading } from '../bounded.ts';
import { announce, callMemory } from '../hub.ts';
import { shownAttribution } from '../shown-call.ts';
import { type OpenCall, settled } from '../call.ts';
import { derivedEventId } from '../event-id.ts';
import type { Reading } from '../../wire/reading.ts';
import { claimEvent } from './claims.ts';

/** Something that goes on and only ever tells its totals so far: a managed-agent session. */
export interface RunningKey {
  /** Names the provider's totals in memory and in event ids: `anthropic-session`. */
  readonly kind: string;
  readonly id: string;
}

/** Remembers who started it, and the model, which later replies may not name. */
export function rememberStarter({ kind, id }: RunningKey, call: OpenCall, model?: string): void {
  const memory = callMemory();
  const fact = { ...attributionToFact(shownAttribution(call)), ...known({ model }) };
  memory.remember(kind, id, { ...fact, ...memory.recall(kind, id) });
}

/**
 * Announces what was consumed since the totals were read last, for whoever started it. Totals that are no higher
 * than those already billed bill nothing, so it does not matter how often, or in which order, they are read.
 */
export function settleRunningTotal({ kind, id }: RunningKey, read: Reading, call: OpenCall): void {
  const reading = boundedReading(read);
  if (reading.usage === undefined) return;
  const memory = callMemory();
  const fact = memory.recall(kind, id) ?? {};
  const usage = growth(usageFromJson(object(fact.usage) ?? {}), reading.usage);
  if (usage === undefined) return;
  const totals = usageToJson(reading.usage);
  const attribution = attributionFromFact(fact) ?? shownAttribution(call);
  const model = reading.responseModel ?? text(fact.model);
  memory.remember(kind, id, {
    ...fact,
    ...known({ usage: totals, model, cost: reading.reported?.amount ?? text(fact.cost) }),
  });
  const eventId = derivedEventId(kind, id, JSON.stringify(totals));
  if (!attribution.tracked || !claimEvent(eventId)) return;
  const reported = costGrowth(reading.reported, fact);
  const { reported: _, ...rest } = reading;
  const growing = { ...call, id: eventId, startTime: new Date(), attribution, operation: 'invoke_agent' };
  announce(
    settled(
      growing,
      { ...rest, responseId: id, ...known({ responseModel: model, reported }) },
      { status: 'ok', consumed: { kind: 'counted', usage } },
    ),
  );
}

/** What was added to every quantity; undefined when nothing was, or when the totals are older than the billed ones. */
function growth(billed: Usage, totals: Usage): Usage | undefined {
  const added: { -readonly [Name in QuantityName]?: number } = {};
  for (const name of Object.keys(QUANTITIES) as QuantityName[]) {
    const total = totals[name];
    if (total === undefined) continue;
    // Runtimes come with fractions; tokens are whole.
    const difference = Number((total - (billed[name] ?? 0)).toFixed(6));
    if (difference < 0) return undefined;
    if (difference > 0) added[name] = difference;
  }
  return Object.keys(added).length === 0 ? undefined : added;
}

function costGrowth(reported: ReportedCost | undefined, billed: JsonObject): ReportedCost | undefined {
  if (reported === undefined) return undefined;
  const amount = formatDecimal(subtract(exact(reported.amount), exact(text(billed.cost) ?? '0')));
  return { ...reported, amount };
}
