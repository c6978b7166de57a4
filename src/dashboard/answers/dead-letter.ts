import type { DeadLetter } from '../../delivery/outbox.ts';
import type { DeadLetterJson } from '../api.ts';

/** An event that a sink refused for good, as the dashboard and `costspan outbox --json` show it. */
export function deadLetterToJson({ sink, eventId, failedAt, failure }: DeadLetter): DeadLetterJson {
  return {
    sink,
    event_id: eventId,
    failed_at: failedAt.toISOString(),
    status: failure.status ?? null,
    error: failure.message,
    response: failure.response ?? null,
  };
}
