/**
 * JSON that PostgreSQL takes: it knows neither the character NUL nor half of a surrogate pair
 * (https://www.postgresql.org/docs/current/datatype-json.html). Both become the replacement character.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'string' ? clean(inner) : inner));
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
