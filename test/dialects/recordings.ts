import { readdirSync, readFileSync } from 'node:fs';
import { SpanMeter, type SpanMeterOptions } from '../../src/dialects/span-meter.ts';
import type { SpanAttributes } from '../../src/dialects/span-attribution.ts';
import { asGiven } from '../../src/attribution/shown.ts';
import type { SettledCall } from '../../src/calls/call.ts';
import { readOtlpSpans } from '../../src/receiver/otlp-spans.ts';

/** What one run of a real instrumentation against the loopback provider left behind. */
export interface Recording {
  readonly name: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly billed: readonly {
    readonly id: string;
    readonly model: string;
    readonly wire: 'openai' | 'anthropic' | 'google';
    readonly usage: Readonly<Record<string, number>>;
  }[];
  readonly otlp: unknown;
}

const FOLDER = new URL('recorded/', import.meta.url);

/** `test/suites/instrumentations-matrix/record` makes them. */
export const RECORDINGS: readonly Recording[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .toSorted()
  .map((file) => {
    const recording = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Omit<Recording, 'name'>;
    return { name: file.replace('.json', ''), ...recording };
  });

export interface Metered {
  readonly calls: readonly SettledCall[];
  readonly suppressed: SpanMeter['suppressed'];
}

/** Sends the spans of a recording through the meter, in the order they ended or another one. */
export function meterRecording(
  { otlp }: Pick<Recording, 'otlp'>,
  options: { readonly spanAttributes?: SpanAttributes; readonly reversed?: boolean } = {},
  more: Partial<SpanMeterOptions> = {},
): Metered {
  const calls: SettledCall[] = [];
  const meter = new SpanMeter({
    show: (call) => asGiven(call.attribution),
    bill: (call) => calls.push(call),
    ownSpans: 'billed',
    now: () => 0,
    ...(options.spanAttributes === undefined ? {} : { spanAttributes: options.spanAttributes }),
    ...more,
  });
  const { spans } = readOtlpSpans(otlp);
  for (const span of options.reversed === true ? spans.toReversed() : spans) meter.offer(span);
  meter.flush();
  return { calls, suppressed: meter.suppressed };
}
