import { known, object, text } from '../../base/read.ts';
import type { ReadingContext } from '../reading.ts';
import { readingOf } from '../usage-block.ts';
import type { SessionReading } from '../wire.ts';
import { modelName } from './generate-content.ts';
import { Grounding } from './grounding.ts';
import { readUsage } from './usage.ts';

/** A server message of a Live session. A reply of `generateContent` has candidates instead and is none. */
export function readSessionEvent(message: unknown, context: ReadingContext): SessionReading | undefined {
  const fields = object(message);
  return MESSAGES.some((name) => fields?.[name] !== undefined)
    ? readLiveMessage(message, context)
    : undefined;
}

/** What came over a Live socket: the message that has counts says what was billed, the session's context included. */
export function readLiveMessage(message: unknown, context: ReadingContext): SessionReading | undefined {
  const fields = object(message);
  const raw = fields?.usageMetadata;
  if (raw === undefined || raw === null) return undefined;
  const { usage, ...block } = readingOf(raw, readUsage(raw));
  const content = object(fields?.serverContent);
  const grounding = new Grounding().add(content === undefined ? [] : [content]);
  const reading = known({
    ...block,
    usage: usage && { ...usage, ...grounding.usage(modelName(context.request?.model)) },
    serviceTier: text(object(raw)?.serviceTier) ?? text(object(raw)?.trafficType),
  });
  return { operation: 'live_session', reading };
}

const MESSAGES = [
  'serverContent',
  'toolCall',
  'toolCallCancellation',
  'setupComplete',
  'goAway',
  'sessionResumptionUpdate',
];
