const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `5,806` */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** `5.8K`: for axes and crowded places. */
export function formatShort(count: number): string {
  return SHORT.format(count);
}

/** `1 call`, `5,806 calls` */
export function formatCalls(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'call' : 'calls'}`;
}
