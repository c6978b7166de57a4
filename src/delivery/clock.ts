/** Where delivery gets its time from; tests pass their own. Milliseconds. */
export interface Clock {
  /** Since 1970; may jump. For ages and dates. */
  wall(): number;
  /** Since some moment; never jumps. For waiting. */
  monotonic(): number;
}

export const systemClock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() };
