import { known, object, text } from '../../base/read.ts';
import type { CallHints } from '../reading.ts';

/** What a request tells Anthropic about the application's user. */
export function hints(body: unknown): CallHints {
  const metadata = object(object(body)?.metadata);
  return known({ user: text(metadata?.user_id), metadata });
}
