import { count, known, object, text } from '../../base/read.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext } from '../reading.ts';
import { reportedCost } from '../reported-cost.ts';
import { parametersOf } from '../request.ts';

/** A video is a job: creating it gives a receipt, reading it when it is done gives the seconds that are billed. */
export function readVideo(body: unknown, context: ReadingContext): Reading {
  const job = object(body) ?? {};
  const status = text(job.status);
  // xAI calls the job `request_id`, its end `done`, and says the length on the video.
  const seconds = count(job.seconds) ?? count(object(job.video)?.duration);
  const isDone = status === 'completed' || status === 'done';
  return known({
    responseId: text(job.id) ?? text(job.request_id),
    responseModel: text(job.model),
    usage: isDone && seconds !== undefined ? { outputVideoSeconds: seconds } : undefined,
    usageRaw: isDone ? object(job.usage) : undefined,
    finishReasons: status === undefined ? undefined : [status],
    parameters: parametersOf(job, ['size', 'quality']),
    reported: isDone ? reportedCost(job.usage, context.provider) : undefined,
    pending: status === undefined || UNFINISHED.has(status) ? true : undefined,
    background: true,
    errorType: errorTypeOf(job.error),
  });
}

const UNFINISHED: ReadonlySet<string> = new Set(['queued', 'in_progress', 'pending']);
