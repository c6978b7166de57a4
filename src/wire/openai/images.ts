import { type JsonObject, known, list, object, text } from '../../base/read.ts';
import type { Usage } from '../../usage/usage.ts';
import { errorTypeOf } from '../error-type.ts';
import type { Reading, ReadingContext, RequestReading, StreamReader } from '../reading.ts';
import { reportedCost } from '../reported-cost.ts';
import { fieldsOf, parametersOf, readRequest } from '../request.ts';
import { svgIteration } from './svg-usage.ts';
import { readBlock } from './usage.ts';

/** What decides the price of an image when it is billed by the piece. */
const PRICE_PARAMETERS = ['size', 'quality', 'resolution', 'aspect_ratio', 'width', 'height', 'steps'];

export function readImageRequest(body: unknown): RequestReading {
  const parameters = parametersOf(fieldsOf(body), PRICE_PARAMETERS);
  return known({ ...readRequest(body), parameters });
}

/** Images made, edited or varied: billed by token where the reply counts tokens, else by the piece. */
export function readImages(body: unknown, context: ReadingContext): Reading {
  const reply = object(body) ?? {};
  const dialect = { provider: context.provider, model: text(context.request?.model) };
  const { usage: tokens, ...block } = readBlock(reply.usage, dialect);
  const images = list(reply.data).length;
  const usage = { ...tokens, ...piecesOf(tokens, images), ...svgOf(reply) };
  const isCounted = block.usageFault === undefined && Object.keys(usage).length > 0;
  return known({
    ...block,
    usage: isCounted ? usage : undefined,
    // xAI's block has nothing but the cost.
    usageRaw: isCounted ? object(reply.usage) : block.usageRaw,
    responseModel: text(reply.model),
    parameters: parametersOf({ ...context.request, ...reply }, PRICE_PARAMETERS),
    reported: reportedCost(reply.usage, context.provider),
    errorType: errorTypeOf(reply.error),
  });
}

/** Partial images come first; the `completed` event carries the usage of them all. */
export function createImageStreamReader(context: ReadingContext): StreamReader {
  const completed: JsonObject[] = [];
  let errorType: string | undefined;
  return {
    read(event) {
      const fields = object(event);
      if (text(fields?.type)?.endsWith('.completed')) completed.push(fields ?? {});
      errorType ??= errorTypeOf(fields?.error);
    },
    reading() {
      const last = completed.at(-1);
      const reading = readImages({ ...last, data: completed.map(() => ({})) }, context);
      return known({ ...reading, errorType: errorType ?? reading.errorType });
    },
  };
}

function piecesOf(tokens: Usage | undefined, images: number): Usage {
  const isByToken = tokens?.outputTokens !== undefined || tokens?.totalTokens !== undefined;
  return isByToken || images === 0 ? {} : { outputImages: images };
}

function svgOf(reply: JsonObject): Usage {
  const step = svgIteration(reply.svg_usage);
  return step === undefined ? {} : { iterations: [step] };
}
