import { count, known, list, object, text } from '../../base/read.ts';
import type { Reading, ReadingContext, RequestReading } from '../reading.ts';
import { parametersOf } from '../request.ts';
import { modelName } from './generate-content.ts';

const PRICE_PARAMETERS = ['resolution', 'aspectRatio', 'imageSize', 'sampleImageSize', 'generateAudio'];

export function readMediaRequest(body: unknown): RequestReading {
  const fields = object(body) ?? {};
  return known({
    model: modelName(fields.model),
    parameters: parametersOf(optionsOf(fields), PRICE_PARAMETERS),
  });
}

/** Imagen: billed by the image that came; filtered ones are not. */
export function readImages(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const images = [...list(reply.generatedImages), ...list(reply.predictions)].filter((item) => {
    const image = object(item);
    return image?.bytesBase64Encoded !== undefined || image?.image !== undefined;
  }).length;
  return known({
    usage: images === 0 ? undefined : { outputImages: images },
    parameters: parametersOf(optionsOf(context.request), PRICE_PARAMETERS),
  });
}

/**
 * Veo: the reply is the name of an operation and never says how long the videos are, so the seconds are those of
 * the request; eight where it leaves them to the API.
 */
export function readVideos(body: unknown, context: ReadingContext): Reading {
  const options = optionsOf(context.request);
  const seconds = count(options?.durationSeconds) ?? 8;
  const videos = count(options?.numberOfVideos) ?? count(options?.sampleCount) ?? 1;
  return known({
    responseId: text(object(body)?.name),
    usage: { outputVideoSeconds: seconds * videos },
    parameters: parametersOf(options, PRICE_PARAMETERS),
  });
}

/** The SDK calls them `config`, HTTP calls them `parameters`. */
function optionsOf(request: ReadingContext['request']): ReadingContext['request'] {
  return object(request?.config) ?? object(request?.parameters);
}
