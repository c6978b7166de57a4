import type { CliOutput } from './command.ts';

/** How often the line is drawn anew, in events. */
const STEP = 5_000;
const WIDTH = 24;

/** A bar on a terminal that grows with the work; nothing where stderr is none. */
export interface Progress {
  hear(): void;
  /** Takes the bar away. */
  end(): void;
}

/** `total` is asked for only where somebody looks. */
export async function progressOf({ stderr }: CliOutput, total: () => Promise<number>): Promise<Progress> {
  if (!('isTTY' in stderr) || stderr.isTTY !== true) return { hear: () => {}, end: () => {} };
  const all = await total();
  let events = 0;
  return {
    hear() {
      events += 1;
      if (events % STEP === 0) stderr.write(`\r${line(events, all)}`);
    },
    end() {
      if (events >= STEP) stderr.write('\r\u001B[K');
    },
  };
}

/** Corrections are events, and not among the calls that were counted: the bar is full a little early then. */
function line(events: number, all: number): string {
  const share = all === 0 ? 1 : Math.min(1, events / all);
  const done = Math.round(share * WIDTH);
  const bar = `${'█'.repeat(done)}${'░'.repeat(WIDTH - done)}`;
  return `${bar} ${Math.floor(share * 100)} %  ${events.toLocaleString('en-US')} events`;
}
