import { count, known, object, text } from '../../base/read.ts';
import type { Reading, ReadingContext } from '../reading.ts';
import type { SessionReading } from '../wire.ts';
import { readResponse } from './responses.ts';
import { readBlock } from './usage.ts';

/**
 * Reads a server event of a realtime, Live or responses WebSocket; undefined when it bills nothing.
 * `response.done` bills one answer, the transcription of what the user said is another model's bill, and a Live
 * session counts its seconds as a growing total.
 */
export function readSessionEvent(event: unknown, context: ReadingContext): SessionReading | undefined {
  const fields = object(event) ?? {};
  switch (fields.type) {
    case 'response.done':
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed': {
      const reading = readResponse(fields.response, context);
      return isBilled(reading) ? { operation: 'chat', reading } : undefined;
    }
    // A Live session passes on the events of the responses it delegates to.
    case 'response.event':
      return readSessionEvent(fields.event, context);
    case 'conversation.item.input_audio_transcription.completed': {
      const reading = known({ responseId: text(fields.item_id), ...readBlock(fields.usage, context) });
      return isBilled(reading) ? { operation: 'transcription', reading } : undefined;
    }
    case 'session.usage.updated':
    case 'session.closed': {
      const usageRaw = object(fields.usage);
      const seconds = count(usageRaw?.seconds);
      if (usageRaw === undefined || seconds === undefined) return undefined;
      const reading: Reading = { usage: { sessionSeconds: seconds }, usageRaw, cumulative: true };
      return { operation: 'live_session', reading };
    }
    default:
      return undefined;
  }
}

function isBilled({ usage, usageFault }: Reading): boolean {
  return usage !== undefined || usageFault !== undefined;
}
