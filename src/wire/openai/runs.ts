import { type JsonObject, known, object, text } from '../../base/read.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, StreamReader } from '../reading.ts';
import { overlaid } from '../usage-block.ts';
import { readBlock } from './usage.ts';

/** An assistant's run: its usage stays null until it ends, and then covers all its steps. */
export function readRun(body: unknown, context: ReadingContext): Reading {
  const run = object(body) ?? {};
  const block = readBlock(run.usage, { provider: context.provider });
  const status = text(run.status);
  return known({
    responseId: text(run.id),
    responseModel: text(run.model),
    ...block,
    finishReasons: status === undefined ? undefined : [status],
    pending: block.usageRaw === undefined && !ENDED.has(status ?? 'queued') ? true : undefined,
    background: true,
    errorType: errorTypeOf(run.last_error),
  });
}

const ENDED: ReadonlySet<string> = new Set(['cancelled', 'completed', 'expired', 'failed', 'incomplete']);

/** `thread.run.*` events carry the run as it stands; those of its steps and messages do not count. */
export function createRunStreamReader(context: ReadingContext): StreamReader {
  let run: JsonObject | undefined;
  return {
    read(event) {
      const fields = object(event) ?? {};
      const data = object(fields.data) ?? fields;
      if (data.object !== 'thread.run') return;
      const [before, block] = [object(run?.usage), object(data.usage)];
      run = before === undefined ? data : { ...data, usage: overlaid(before, block ?? {}) };
    },
    reading: () => (run === undefined ? {} : readRun(run, context)),
  };
}
