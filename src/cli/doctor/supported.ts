/** Which versions of each SDK are observed: a test holds them equal to what the instrumentations say. */
export const SUPPORTED: Readonly<Record<string, string>> = {
  '@anthropic-ai/sdk': '>=0.50.0 <2',
  '@aws-sdk/client-bedrock-runtime': '>=3.422.0 <4',
  '@google/genai': '>=1.0.0 <4',
  openai: '>=4.19.0 <8',
};

/** Whether `7.59.0` lies in `>=4.19.0 <8`. */
export function inRange(version: string, range: string): boolean {
  return range.split(' ').every((bound) => {
    const order = compare(version, bound.replace(/^\D+/, ''));
    return bound.startsWith('>=') ? order >= 0 : order < 0;
  });
}

function compare(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split(/[-+]/)[0]?.split('.').map(Number) ?? []);
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
