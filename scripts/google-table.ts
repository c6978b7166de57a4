/**
 * The table of docs/google.md, from the endpoint table and what is said here of each row:
 * `node scripts/google-table.ts` writes it, a test checks that it is current.
 */
import { googleEndpoints } from '../src/wire/google-genai/endpoints.ts';
import { type Coverage, type TableOptions, writeTable } from './endpoint-table.ts';

const TOKENS =
  'input, cached, output, thinking and tool-result tokens, each by modality (text, audio, image, video); grounded ' +
  'prompts or searches, Maps';
const VENDORS = 'the tokens of the vendor’s own wire';

const CALLS: Readonly<Record<string, Coverage>> = {
  generateContent: {
    methods: '`models.generateContent`, `chats`, one event per hop of automatic function calling',
    quantities: TOKENS,
    since: '1.0',
  },
  streamGenerateContent: {
    methods: '`models.generateContentStream`, `chats.sendMessageStream`',
    quantities: TOKENS,
    since: '1.0',
  },
  countTokens: { methods: '`models.countTokens`', quantities: '', since: '1.0' },
};

/** The same calls at a model, a tuned model, and an endpoint of Vertex. */
const GENERATION = Object.fromEntries(
  ['models', 'tunedModels', 'endpoints'].flatMap((resource) =>
    Object.entries(CALLS).map(([call, said]) => [`POST /${resource}/{model}:${call}`, said]),
  ),
);

const COVERAGE: Readonly<Record<string, Coverage>> = {
  ...GENERATION,
  'POST /models/{model}:computeTokens': { methods: '`models.computeTokens`', quantities: '', since: '1.0' },
  'POST /models/{model}:embedContent': {
    methods: '`models.embedContent`',
    quantities: 'input tokens, where the reply counts them',
    since: '1.0',
  },
  'POST /models/{model}:batchEmbedContents': {
    methods: '`models.embedContent`',
    quantities: 'input tokens, where the reply counts them',
    since: '1.0',
  },
  'POST /models/{model}:batchGenerateContent': {
    methods: '`batches.create`',
    quantities: 'each line, when `batches.get` or the file of results is read, once, at the batch rate',
    since: '1.7',
  },
  'POST /models/{model}:asyncBatchEmbedContent': {
    methods: '`batches.createEmbeddings`',
    quantities: 'each line, when `batches.get` or the file of results is read, once, at the batch rate',
    since: '1.18',
  },
  'POST /batches/{id}:cancel': { methods: '`batches.cancel`', quantities: '', since: '1.7' },
  'POST /batchPredictionJobs': {
    methods: '`batches.create` on Vertex',
    quantities:
      'none: results are written to a bucket or a table, `recordResponse` bills what is read from there',
    since: '1.7',
  },
  'POST /batchPredictionJobs/{id}:cancel': {
    methods: '`batches.cancel` on Vertex',
    quantities: '',
    since: '1.7',
  },
  'POST /cachedContents': {
    methods: '`caches.create`',
    quantities:
      'the tokens kept; unpriced, because the hours are not known yet: `recordUsage` when it expires',
    since: '1.0',
  },
  'POST /models/imagen-{model}:predict': {
    methods: '`models.generateImages`, `.editImage`, `.upscaleImage`',
    quantities: 'images that came; filtered ones are not billed',
    since: '1.0',
  },
  'POST /models/{model}:predict': {
    methods: '`models.embedContent` on Vertex',
    quantities: 'input tokens or characters',
    since: '1.0',
  },
  'POST /models/{model}:predictLongRunning': {
    methods: '`models.generateVideos`',
    quantities: 'seconds, as asked for',
    since: '1.0',
  },
  'POST /models/{model}:fetchPredictOperation': {
    methods: '`operations.getVideosOperation`',
    quantities: '',
    since: '1.0',
  },
  'POST /models/count-tokens:rawPredict': {
    methods: 'Claude on Vertex, over HTTP',
    quantities: '',
    since: '1.0',
  },
  'POST /models/{model}:rawPredict': {
    methods: 'Claude, Mistral and others on Vertex, over HTTP',
    quantities: VENDORS,
    since: '1.0',
  },
  'POST /models/{model}:streamRawPredict': {
    methods: 'Claude, Mistral and others on Vertex, over HTTP',
    quantities: VENDORS,
    since: '1.0',
  },
  'POST /interactions': {
    methods: '`interactions.create`',
    quantities: `${TOKENS}; in the background, when it is read`,
    since: '1.33',
  },
  'GET /interactions/{id}': {
    methods: '`interactions.get`',
    quantities: 'what a background interaction consumed, once',
    since: '1.33',
  },
  'POST /interactions/{id}/cancel': { methods: '`interactions.cancel`', quantities: '', since: '1.33' },
  'POST /files': { methods: '`files.upload`', quantities: '', since: '1.0' },
};

/** What `withTable` needs to write the table of docs/google.md. */
export const GOOGLE_TABLE: TableOptions = {
  endpoints: googleEndpoints,
  coverage: COVERAGE,
  script: 'scripts/google-table.ts',
  sdk: '@google/genai',
};

if (import.meta.main) writeTable('docs/google.md', GOOGLE_TABLE);
