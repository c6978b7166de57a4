import type { SinkHealth } from '../../delivery/sink.ts';
import { toCsv } from '../../reports/csv.ts';
import type { DeliveryAnswer, SinkJson } from '../api.ts';
import type { Question } from '../question.ts';
import type { Answer } from './answer.ts';
import { deadLetterToJson } from './dead-letter.ts';

const MAX_DEAD_LETTERS = 100;

/** The sinks: what waits for them, and what they refused. */
export const delivery: Answer = {
  json: deliveryOf,
  async csv(question) {
    const { outbox } = await deliveryOf(question);
    return toCsv(
      outbox.map(({ sink, pending, dead, oldest }) => [sink, pending, dead, oldest]),
      ['sink', 'pending', 'dead', 'oldest'],
    );
  },
};

async function deliveryOf({ ledger, sinks }: Question): Promise<DeliveryAnswer> {
  const { outboxAdmin } = ledger;
  const health = ledger.health?.();
  const [outbox = [], dead = []] = await Promise.all([outboxAdmin?.sinks(), outboxAdmin?.deadLetters()]);
  return {
    ledger: health === undefined ? null : sinkToJson(health),
    sinks: sinks().map(sinkToJson),
    outbox: outbox.map(({ sink, pending, dead: count, oldest }) => ({
      sink,
      pending,
      dead: count,
      oldest: oldest?.toISOString() ?? null,
    })),
    dead_letters: dead
      .toSorted((a, b) => b.failedAt.getTime() - a.failedAt.getTime())
      .slice(0, MAX_DEAD_LETTERS)
      .map(deadLetterToJson),
  };
}

function sinkToJson(health: SinkHealth): SinkJson {
  const { name, status, sent, pending, failed, dead, dropped, oldestPendingAgeMs, lastError, lastErrorAt } =
    health;
  return {
    name,
    status,
    sent,
    pending,
    failed,
    dead,
    dropped,
    oldest_pending_age_ms: oldestPendingAgeMs ?? null,
    last_error: lastError ?? null,
    last_error_at: lastErrorAt?.toISOString() ?? null,
  };
}
