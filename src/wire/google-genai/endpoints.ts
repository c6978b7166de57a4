import type { Endpoint } from '../reading.ts';
import { readRequest } from '../request.ts';
import { readCachedContent } from './cached-content.ts';
import { readEmbeddings } from './embeddings.ts';
import {
  createGenerateContentStreamReader,
  readGenerateContent,
  readGenerateRequest,
} from './generate-content.ts';
import { createInteractionStreamReader, readInteraction } from './interactions.ts';
import { readImages, readMediaRequest, readVideos } from './media.ts';
import { createRawPredictStreamReader, readRawPredict } from './raw-predict.ts';

const generateContent = {
  operation: 'generate_content',
  readRequest: readGenerateRequest,
  readResponse: readGenerateContent,
  readStream: createGenerateContentStreamReader,
} as const;

const embeddings = {
  operation: 'embeddings',
  readRequest: readGenerateRequest,
  readResponse: readEmbeddings,
} as const;

const rawPredict = {
  operation: 'chat',
  readRequest,
  readResponse: readRawPredict,
  readStream: createRawPredictStreamReader,
} as const;

const interaction = {
  operation: 'generate_content',
  readRequest,
  readResponse: readInteraction,
  readStream: createInteractionStreamReader,
} as const;

/** A model, a tuned one, and an endpoint on Vertex to which one was deployed. */
const RESOURCES = ['models', 'tunedModels', 'endpoints'];

/** The calls of Gemini and of Google's models on Vertex AI. First match wins. */
export const googleEndpoints: readonly Endpoint[] = [
  ...RESOURCES.flatMap((resource): Endpoint[] => [
    { method: 'POST', path: `/${resource}/{model}:generateContent`, ...generateContent },
    {
      method: 'POST',
      path: `/${resource}/{model}:streamGenerateContent`,
      ...generateContent,
      alwaysStreams: true,
      streamFormat: 'json-array',
    },
    free(`/${resource}/{model}:countTokens`, 'count_tokens'),
  ]),
  free('/models/{model}:computeTokens', 'count_tokens'),
  { method: 'POST', path: '/models/{model}:embedContent', ...embeddings },
  { method: 'POST', path: '/models/{model}:batchEmbedContents', ...embeddings },
  free('/models/{model}:batchGenerateContent', 'batch'),
  free('/models/{model}:asyncBatchEmbedContent', 'batch'),
  free('/batches/{id}:cancel', 'batch'),
  free('/batchPredictionJobs', 'batch'),
  free('/batchPredictionJobs/{id}:cancel', 'batch'),
  {
    method: 'POST',
    path: '/cachedContents',
    operation: 'create_cache',
    readRequest: readGenerateRequest,
    readResponse: readCachedContent,
  },
  {
    method: 'POST',
    path: '/models/imagen-{model}:predict',
    operation: 'image_generation',
    readRequest: readMediaRequest,
    readResponse: readImages,
  },
  { method: 'POST', path: '/models/{model}:predict', ...embeddings },
  {
    method: 'POST',
    path: '/models/{model}:predictLongRunning',
    operation: 'video_generation',
    readRequest: readMediaRequest,
    readResponse: readVideos,
  },
  free('/models/{model}:fetchPredictOperation', 'video_generation'),
  free('/models/count-tokens:rawPredict', 'count_tokens'),
  { method: 'POST', path: '/models/{model}:rawPredict', ...rawPredict },
  { method: 'POST', path: '/models/{model}:streamRawPredict', ...rawPredict, alwaysStreams: true },
  { method: 'POST', path: '/interactions', ...interaction },
  { method: 'GET', path: '/interactions/{id}', ...interaction },
  free('/interactions/{id}/cancel', 'generate_content'),
  free('/files', 'file'),
];

function free(path: string, operation: string): Endpoint {
  return { method: 'POST', path, operation, free: true };
}
