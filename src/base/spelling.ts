/** ` Did you mean 'customer'?`, or nothing when no known name is near: by default, half of it may be wrong. */
export function didYouMean(given: string, known: readonly string[], edits?: number): string {
  const near = nearest(given, known, edits ?? Math.max(2, Math.floor(given.length / 2)));
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}

/** The known name closest to what was given: few edits away, or the same idea under the name others use. */
function nearest(given: string, known: readonly string[], edits: number): string | undefined {
  const synonym = SYNONYMS[given.toLowerCase()];
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  let best: string | undefined;
  let bestDistance = edits + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** What people type who come from another tool. */
const SYNONYMS: Readonly<Record<string, string>> = {
  file: 'path',
  filename: 'path',
  database: 'path',
  db: 'path',
  tenant: 'customer',
  user: 'customer',
  account: 'customer',
  endpoint: 'url',
  exporter: 'sinks',
  sink: 'sinks',
};

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
