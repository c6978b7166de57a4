import { count, type JsonObject, known, object, text } from '../../usage/read.ts';
import type { Reading, StreamReader } from '../reading.ts';
import { readUsage } from './usage.ts';

/** A managed-agent session: its usage is the total so far, and grows with every turn. */
export function readSession(body: unknown): Reading {
  const session = object(body) ?? {};
  const agentModel = object(session['agent'])?.['model'];
  const reading = known({
    responseId: text(session['id']),
    responseModel: text(agentModel) ?? text(object(agentModel)?.['id']),
  });
  return { ...reading, ...readTotals(object(session['usage'])) };
}

/** Follows the events of a session: each `session.usage` snapshot replaces the one before. */
export function createSessionStreamReader(): StreamReader {
  let usage: JsonObject | undefined;
  return {
    read(event) {
      const fields = object(event);
      if (fields?.['type'] === 'session.usage') usage = object(fields['usage']) ?? usage;
    },
    reading: () => readTotals(usage),
  };
}

function readTotals(raw: JsonObject | undefined): Reading {
  const tokens = readUsage(raw);
  if (raw === undefined || tokens === undefined) return {};
  // The runtime that is billed; overlapping threads count once.
  const sessionSeconds = count(raw['active_seconds']);
  const usage = sessionSeconds === undefined ? tokens : { ...tokens, sessionSeconds };
  return { usage, usageRaw: raw, cumulative: true };
}
