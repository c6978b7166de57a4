import { count, known, list, object, text } from '../../base/read.ts';
import type { Reading, ReadingContext } from '../reading.ts';

/** Videos are made in the background and billed by their seconds, which only the request says. */
export function readAsyncInvoke(body: unknown, { request }: ReadingContext): Reading {
  const input = object(request?.modelInput) ?? {};
  const config = object(input.videoGenerationConfig);
  // Nova Reel: one clip of six seconds, or as many shots as are described; Luma writes `5s`.
  const shots = list(object(input.multiShotManualParams)?.shots).length;
  const seconds =
    count(config?.durationSeconds) ??
    (shots > 0 ? shots * SHOT_SECONDS : count(text(input.duration)?.replace(/s$/, '')));
  return known({
    responseId: text(object(body)?.invocationArn),
    usage: seconds === undefined ? undefined : { outputVideoSeconds: seconds },
    usageFault:
      seconds === undefined
        ? 'the results of an asynchronous call are in S3, and so is what they cost'
        : undefined,
    parameters: known({ resolution: text(config?.dimension) ?? text(input.resolution) }),
  });
}

const SHOT_SECONDS = 6;
