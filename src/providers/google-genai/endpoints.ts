import type { Endpoint } from '../reading.ts';
import { readRequest } from '../request.ts';
import { readEmbeddings } from './embeddings.ts';
import {
  createGenerateContentStreamReader,
  readGenerateContent,
  readGenerateRequest,
} from './generate-content.ts';
import { createInteractionStreamReader, readInteraction } from './interactions.ts';
import { readImages, readMediaRequest, readVideos } from './media.ts';

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

const interaction = {
  operation: 'generate_content',
  readRequest,
  readResponse: readInteraction,
  readStream: createInteractionStreamReader,
} as const;

/** The calls of Gemini and of Google's models on Vertex AI. First match wins. */
export const googleEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/models/{model}:generateContent', ...generateContent },
  { method: 'POST', path: '/models/{model}:streamGenerateContent', ...generateContent },
  { method: 'POST', path: '/models/{model}:countTokens', operation: 'count_tokens', free: true },
  { method: 'POST', path: '/models/{model}:embedContent', ...embeddings },
  { method: 'POST', path: '/models/{model}:batchEmbedContents', ...embeddings },
  { method: 'POST', path: '/models/{model}:batchGenerateContent', operation: 'batch', free: true },
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
  { method: 'POST', path: '/interactions', ...interaction },
  { method: 'GET', path: '/interactions/{id}', ...interaction },
];
