import type { Endpoint } from '../reading.ts';
import { readRequest } from '../request.ts';
import {
  createSpeechStreamReader,
  createTranscriptionStreamReader,
  readSpeech,
  readSpeechRequest,
  readTranscription,
} from './audio.ts';
import { createChatStreamReader, readChatRequest, readChatResponse } from './chat.ts';
import { readContainer } from './containers.ts';
import { createImageStreamReader, readImageRequest, readImages } from './images.ts';
import { readReply } from './reply.ts';
import { createResponseStreamReader, readResponse } from './responses.ts';
import { createRunStreamReader, readRun } from './runs.ts';
import { readVideo } from './videos.ts';

type Readers = Omit<Endpoint, 'method' | 'path'>;

const chat: Readers = {
  operation: 'chat',
  readRequest: readChatRequest,
  readResponse: readChatResponse,
  readStream: createChatStreamReader,
};
const responses: Readers = {
  operation: 'chat',
  readRequest,
  readResponse,
  readStream: createResponseStreamReader,
};
const images: Readers = {
  operation: 'image_generation',
  readRequest: readImageRequest,
  readResponse: readImages,
  readStream: createImageStreamReader,
};
const transcription: Readers = {
  repliesInText: true,
  operation: 'transcription',
  readRequest,
  readResponse: readTranscription,
  readStream: createTranscriptionStreamReader,
};
const run: Readers = {
  operation: 'invoke_agent',
  readRequest,
  readResponse: readRun,
  readStream: createRunStreamReader,
};
const video: Readers = { operation: 'video_generation', readRequest, readResponse: readVideo };

const embeddings: Readers = { operation: 'embeddings', readRequest, readResponse: readReply };

/** An OpenAI-compatible host's reranker: the usage block is all that counts. */
const rerank: Readers = { operation: 'rerank', readRequest, readResponse: readReply };

/**
 * Every call of OpenAI's API that costs, or that a reader could mistake for one that does. First match wins, so
 * literal paths stand before patterns. A POST that is not listed counts when its reply carries
 * `usage`.
 */
export const openaiEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/chat/completions', ...chat },
  { method: 'POST', path: '/completions', ...chat, operation: 'text_completion' },
  { method: 'POST', path: '/responses', ...responses },
  { method: 'POST', path: '/responses/compact', ...responses },
  { method: 'POST', path: '/responses/input_tokens', operation: 'count_tokens', free: true },
  { method: 'POST', path: '/responses/{id}/cancel', ...responses, free: true },
  { method: 'GET', path: '/responses/{id}', ...responses },
  { method: 'POST', path: '/decisions', ...responses, operation: 'decision' },
  { method: 'POST', path: '/embeddings', ...embeddings },
  { method: 'POST', path: '/images/generations', ...images },
  { method: 'POST', path: '/images/edits', ...images, operation: 'image_edit' },
  { method: 'POST', path: '/images/variations', ...images, operation: 'image_variation' },
  {
    method: 'POST',
    path: '/audio/speech',
    operation: 'speech',
    readRequest: readSpeechRequest,
    readResponse: readSpeech,
    readStream: createSpeechStreamReader,
  },
  { method: 'POST', path: '/audio/transcriptions', ...transcription },
  { method: 'POST', path: '/audio/translations', ...transcription, operation: 'translation' },
  { method: 'POST', path: '/videos/characters', operation: 'video_generation', free: true },
  { method: 'POST', path: '/videos', ...video },
  { method: 'POST', path: '/videos/generations', ...video },
  { method: 'POST', path: '/videos/edits', ...video },
  { method: 'POST', path: '/videos/extensions', ...video },
  { method: 'POST', path: '/videos/{id}/remix', ...video },
  { method: 'GET', path: '/videos/{id}', ...video },
  { method: 'POST', path: '/threads/runs', ...run },
  { method: 'POST', path: '/threads/{id}/runs', ...run },
  { method: 'POST', path: '/threads/{id}/runs/{run}/submit_tool_outputs', ...run, free: true },
  { method: 'POST', path: '/threads/{id}/runs/{run}/cancel', ...run, free: true },
  { method: 'GET', path: '/threads/{id}/runs/{run}', ...run },
  {
    method: 'POST',
    path: '/containers',
    operation: 'create_container',
    readRequest,
    readResponse: readContainer,
  },
  { method: 'POST', path: '/rerank', ...rerank },
  { method: 'POST', path: '/moderations', operation: 'moderation', free: true },
  // Their replies carry totals of what their lines or turns bill one by one.
  { method: 'POST', path: '/batches', operation: 'batch', free: true },
  { method: 'POST', path: '/batches/{id}/cancel', operation: 'batch', free: true },
  { method: 'POST', path: '/vector_stores/{id}/search', operation: 'retrieval', free: true },
  { method: 'POST', path: '/files', operation: 'file', free: true },
];
