/** A customer as it is kept, from what an application gave; `undefined` when that names nobody, as '' does. */
export function readCustomer(given: unknown): string | null | undefined {
  if (given === null) return null;
  if (typeof given === 'bigint') return String(given);
  if (typeof given === 'number' && Number.isFinite(given)) return String(given);
  return typeof given === 'string' && given !== '' ? given : undefined;
}
