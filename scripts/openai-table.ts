/**
 * The table of docs/openai.md, from the endpoint table and what is said here of each row:
 * `node scripts/openai-table.ts` writes it, a test checks that it is current.
 */
import { openaiEndpoints } from '../src/wire/openai/endpoints.ts';
import { type Coverage, type TableOptions, writeTable } from './endpoint-table.ts';

const TOKENS = 'input, cached, cache write, output, reasoning, audio, image and prediction tokens';
const RESPONSE_TOKENS =
  'input, cached, cache write (with TTL), output and reasoning tokens; web and file searches, code interpreter ' +
  'sessions, generated images and their tokens';
const IMAGES = 'input, text, image and output tokens; number, size and quality of images';

const COVERAGE: Readonly<Record<string, Coverage>> = {
  'POST /chat/completions': {
    methods: '`chat.completions.create`, `.parse`, `.stream`, `.runTools`',
    quantities: TOKENS,
    since: '4.19',
  },
  'POST /completions': { methods: '`completions.create`', quantities: TOKENS, since: '4.19' },
  'POST /responses': {
    methods: '`responses.create`, `.parse`, `.stream`',
    quantities: RESPONSE_TOKENS,
    since: '4.87',
  },
  'POST /responses/compact': { methods: '`responses.compact`', quantities: RESPONSE_TOKENS, since: '6.10' },
  'POST /responses/input_tokens': {
    methods: '`responses.inputTokens.count`',
    quantities: '',
    since: '6.6',
  },
  'POST /responses/{id}/cancel': {
    methods: '`responses.cancel`',
    quantities: 'what a background response consumed',
    since: '4.103',
  },
  'GET /responses/{id}': {
    methods: '`responses.retrieve`, `.stream({ response_id })`',
    quantities: 'what a background response consumed, once',
    since: '4.87',
  },
  'POST /decisions': { methods: '`decisions.create`', quantities: RESPONSE_TOKENS, since: '7.30' },
  'POST /embeddings': { methods: '`embeddings.create`', quantities: 'input tokens', since: '4.19' },
  'POST /images/generations': { methods: '`images.generate`', quantities: IMAGES, since: '4.19' },
  'POST /images/edits': { methods: '`images.edit`', quantities: IMAGES, since: '4.19' },
  'POST /images/variations': {
    methods: '`images.createVariation`',
    quantities: 'number and size of images',
    since: '4.19',
  },
  'POST /audio/speech': {
    methods: '`audio.speech.create`',
    quantities: 'characters, or the tokens of its event stream',
    since: '4.19',
  },
  'POST /audio/transcriptions': {
    methods: '`audio.transcriptions.create`',
    quantities: 'audio, text and output tokens, or seconds',
    since: '4.19',
  },
  'POST /audio/translations': {
    methods: '`audio.translations.create`',
    quantities: 'seconds, where the reply says them',
    since: '4.19',
  },
  'POST /videos/characters': { methods: '`videos.createCharacter`', quantities: '', since: '6.28' },
  'POST /videos': { methods: '`videos.create`', quantities: 'seconds, when it is done', since: '6.2' },
  'POST /videos/generations': {
    methods: '`post()` at hosts that speak it',
    quantities: 'seconds, when it is done',
    since: '4.19',
  },
  'POST /videos/edits': { methods: '`videos.edit`', quantities: 'seconds, when it is done', since: '6.28' },
  'POST /videos/extensions': {
    methods: '`videos.extend`',
    quantities: 'seconds, when it is done',
    since: '6.28',
  },
  'POST /videos/{id}/remix': {
    methods: '`videos.remix`',
    quantities: 'seconds, when it is done',
    since: '6.2',
  },
  'GET /videos/{id}': {
    methods: '`videos.retrieve`',
    quantities: 'seconds of the finished video, once',
    since: '6.2',
  },
  'POST /threads/runs': {
    methods: '`beta.threads.createAndRun`',
    quantities: 'input and output tokens, when the run ends',
    since: '4.19',
  },
  'POST /threads/{id}/runs': {
    methods: '`beta.threads.runs.create`, `.stream`, `.createAndPoll`',
    quantities: 'input and output tokens, when the run ends',
    since: '4.19',
  },
  'POST /threads/{id}/runs/{run}/submit_tool_outputs': {
    methods: '`beta.threads.runs.submitToolOutputs`',
    quantities: 'those of the run it resumes, once',
    since: '4.19',
  },
  'POST /threads/{id}/runs/{run}/cancel': {
    methods: '`beta.threads.runs.cancel`',
    quantities: 'those of the run it ends, once',
    since: '4.19',
  },
  'GET /threads/{id}/runs/{run}': {
    methods: '`beta.threads.runs.retrieve`, `.poll`',
    quantities: 'those of the run, once',
    since: '4.19',
  },
  'POST /containers': { methods: '`containers.create`', quantities: 'sessions, by memory', since: '4.103' },
  'POST /rerank': {
    methods: '`post()` at hosts that speak it',
    quantities: 'the usage block',
    since: '4.19',
  },
  'POST /moderations': { methods: '`moderations.create`', quantities: '', since: '4.19' },
  'POST /batches': {
    methods: '`batches.create`',
    quantities: 'each line of its files, when `files.content` is read, once, at the batch rate',
    since: '4.34',
  },
  'POST /batches/{id}/cancel': { methods: '`batches.cancel`', quantities: '', since: '4.34' },
  'POST /vector_stores/{id}/search': { methods: '`vectorStores.search`', quantities: '', since: '4.87' },
  'POST /files': { methods: '`files.create`', quantities: '', since: '4.19' },
};

/** What `withTable` needs to write the table of docs/openai.md. */
export const OPENAI_TABLE: TableOptions = {
  endpoints: openaiEndpoints,
  coverage: COVERAGE,
  script: 'scripts/openai-table.ts',
  sdk: 'openai',
};

if (import.meta.main) writeTable('docs/openai.md', OPENAI_TABLE);
