import { object, text } from '../base/read.ts';

/**
 * The kind of an error object inside a reply or a stream with status 200, in the provider's own word; never
 * its message, which may quote content. Groq and OpenRouter send a bare number as the code.
 */
export function errorTypeOf(error: unknown): string | undefined {
  if (typeof error === 'string' && error !== '') return 'error';
  const fields = object(error);
  if (fields === undefined) return undefined;
  const code = fields.code;
  return text(fields.type) ?? text(typeof code === 'number' ? String(code) : code) ?? 'error';
}
