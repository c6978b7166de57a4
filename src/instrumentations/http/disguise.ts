import { jsonValue, object } from '../../base/read.ts';
import { withoutMember } from './json-text.ts';

/** What becomes of a stream's event that may carry what was asked for on the application's behalf. */
export type Disguise =
  | { readonly kind: 'as it is' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'changed'; readonly data: string };

/** Looks at the events of one stream, in order, as JSON text. */
export type Disguiser = (data: string) => Disguise;

const AS_IT_IS: Disguise = { kind: 'as it is' };
const DROPPED: Disguise = { kind: 'dropped' };

/**
 * Hides the usage of a streamed chat: asking for it adds a last chunk without choices, and `usage: null` to every
 * other. The chunk goes only when nothing else is in it: llama.cpp's `timings` and Azure's `latency_checkpoint` come
 * with it and stay.
 */
export function hideUsage(): Disguiser {
  let before = '';
  return (data) => {
    if (!data.includes('"usage"')) {
      before = data;
      return AS_IT_IS;
    }
    const chunk = object(jsonValue(data));
    if (chunk === undefined || !('usage' in chunk)) return AS_IT_IS;
    const isLast = Array.isArray(chunk.choices) && chunk.choices.length === 0 && object(chunk.usage);
    if (!isLast) {
      before = data;
      return chunk.usage === null ? { kind: 'changed', data: withoutMember(data, 'usage') } : AS_IT_IS;
    }
    const earlier = object(jsonValue(before)) ?? {};
    const isEnvelope = ([key, value]: readonly [string, unknown]): boolean =>
      ENVELOPE.has(key) || (key in earlier && JSON.stringify(earlier[key]) === JSON.stringify(value));
    if (Object.entries(chunk).every(isEnvelope)) return DROPPED;
    return { kind: 'changed', data: withoutMember(data, 'usage') };
  };
}

/** What every chunk has, whatever it says. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'system_fingerprint',
  'service_tier',
  'choices',
  'usage',
  'provider',
  'obfuscation',
]);
