import { formatDecimal } from '../../base/decimal.ts';
import type { ReportedCost } from '../../pricing/price.ts';
import { count, type JsonObject, known, object, text } from '../../base/read.ts';
import type { Reading, StreamReader } from '../reading.ts';
import { overlaid, readingOf } from '../usage-block.ts';
import { readUsage } from './usage.ts';

/** A managed-agent session, or a dream: its usage is the total so far, and grows with every turn. */
export function readSession(body: unknown): Reading {
  const session = object(body) ?? {};
  const reading = known({
    responseId: text(session.id),
    responseModel: modelOf(object(session.agent)?.model ?? session.model),
  });
  return { ...reading, ...readTotals(session.usage) };
}

/** Follows the events of a session: each `session.usage` snapshot has the totals so far. */
export function createSessionStreamReader(): StreamReader {
  let usage: JsonObject | undefined;
  return {
    read(event) {
      const fields = object(event);
      if (fields?.type === 'session.usage') usage = overlaid(usage, object(fields.usage) ?? {});
    },
    reading: () => readTotals(usage),
  };
}

function modelOf(model: unknown): string | undefined {
  return text(model) ?? text(object(model)?.id);
}

function readTotals(raw: unknown): Reading {
  const block = readingOf(raw, readUsage(raw));
  if (block.usage === undefined) return block;
  // The runtime that is billed; overlapping threads count once.
  const sessionSeconds = count(block.usageRaw?.active_seconds);
  return known({
    ...block,
    usage: sessionSeconds === undefined ? block.usage : { ...block.usage, sessionSeconds },
    cumulative: true,
    reported: listCost(block.usageRaw?.list_cost),
  });
}

/** `{ amount: '2500', currency: 'USD' }` is 25 dollars: the amount is in minor units (November 2026, beta). */
function listCost(value: unknown): ReportedCost | undefined {
  const cost = object(value);
  const [amount, currency] = [text(cost?.amount), text(cost?.currency)];
  if (amount === undefined || currency !== 'USD' || !/^\d+$/.test(amount)) return undefined;
  return { amount: formatDecimal({ digits: BigInt(amount), scale: 2 }), currency };
}
