import { known, object, text } from '../../usage/read.ts';
import type { Reading, ReadingContext } from '../reading.ts';
import { readResponse } from './responses.ts';
import { readUsage } from './usage.ts';

/** What one server event of a WebSocket session bills. */
export interface SessionReading {
  readonly operation: 'chat' | 'transcription' | 'live_session';
  readonly reading: Reading;
}

/**
 * Reads a server event of a realtime, Live or responses WebSocket; undefined when it bills nothing.
 * `response.done` bills one answer, the transcription of what the user said is another model's bill, and a Live
 * session counts its seconds as a growing total.
 */
export function readSessionEvent(event: unknown, context: ReadingContext): SessionReading | undefined {
  const fields = object(event) ?? {};
  switch (fields['type']) {
    case 'response.done':
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed': {
      const reading = readResponse(fields['response'], context);
      return reading.usage === undefined ? undefined : { operation: 'chat', reading };
    }
    // A Live session passes on the events of the responses it delegates to.
    case 'response.event':
      return readSessionEvent(fields['event'], context);
    case 'conversation.item.input_audio_transcription.completed': {
      const usage = readUsage(fields['usage'], context);
      const reading = known({
        responseId: text(fields['item_id']),
        usage,
        usageRaw: object(fields['usage']),
      });
      return usage === undefined ? undefined : { operation: 'transcription', reading };
    }
    case 'session.usage.updated':
    case 'session.closed': {
      const usageRaw = object(fields['usage']);
      const seconds = usageRaw?.['seconds'];
      if (usageRaw === undefined || typeof seconds !== 'number') return undefined;
      const reading: Reading = { usage: { sessionSeconds: seconds }, usageRaw, cumulative: true };
      return { operation: 'live_session', reading };
    }
    default:
      return undefined;
  }
}
