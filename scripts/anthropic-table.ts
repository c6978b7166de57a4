/**
 * The table of docs/anthropic.md, from the endpoint table and what is said here of each row:
 * `node scripts/anthropic-table.ts` writes it, a test checks that it is current.
 */
import { anthropicEndpoints } from '../src/wire/anthropic/endpoints.ts';
import { type Coverage, type TableOptions, writeTable } from './endpoint-table.ts';

const TOKENS =
  'input, cache read, cache write (5 m and 1 h), output and thinking tokens; web searches and fetches, code ' +
  'execution requests; compaction, advisor and fallback iterations, each at its own model';
const ADDED = 'what its totals added since they were read last';

const COVERAGE: Readonly<Record<string, Coverage>> = {
  'POST /messages': {
    methods:
      '`messages.create`, `.parse`, `.stream`; the same below `beta`, with its tool runner and threads',
    quantities: TOKENS,
    since: '0.50',
  },
  'POST /messages/count_tokens': { methods: '`messages.countTokens`', quantities: '', since: '0.50' },
  'POST /messages/batches': {
    methods: '`messages.batches.create`',
    quantities: 'each line of its results, when `batches.results` is read, once, at the batch rate',
    since: '0.50',
  },
  'POST /messages/batches/{id}/cancel': {
    methods: '`messages.batches.cancel`',
    quantities: '',
    since: '0.50',
  },
  'POST /models/count-tokens:rawPredict': {
    methods: '`messages.countTokens` on Vertex',
    quantities: '',
    since: '0.50',
  },
  'POST /models/{model}:rawPredict': {
    methods: '`messages.create` on Vertex',
    quantities: TOKENS,
    since: '0.50',
  },
  'POST /models/{model}:streamRawPredict': {
    methods: '`messages.create`, `.stream` on Vertex',
    quantities: TOKENS,
    since: '0.50',
  },
  'POST /model/{model}/invoke': {
    methods: '`messages.create` on Bedrock',
    quantities: TOKENS,
    since: '0.50',
  },
  'POST /model/{model}/invoke-with-response-stream': {
    methods: '`messages.create`, `.stream` on Bedrock',
    quantities: TOKENS,
    since: '0.50',
  },
  'POST /complete': {
    methods: '`completions.create` (gone in 1.0), `post()`',
    quantities: 'the wire counts nothing: estimated from characters',
    since: '0.50',
  },
  'POST /sessions': { methods: '`beta.sessions.create`', quantities: '', since: '0.86' },
  'GET /sessions/{id}': { methods: '`beta.sessions.retrieve`', quantities: ADDED, since: '0.86' },
  'GET /sessions/{id}/events/stream': {
    methods: '`beta.sessions.events.stream`',
    quantities: ADDED,
    since: '0.86',
  },
  'POST /sessions/{id}': { methods: '`beta.sessions.update`', quantities: ADDED, since: '0.86' },
  'POST /sessions/{id}/archive': { methods: '`beta.sessions.archive`', quantities: ADDED, since: '0.86' },
  'POST /sessions/{id}/events': { methods: '`beta.sessions.events.send`', quantities: '', since: '0.86' },
  'POST /sessions/{id}/threads/{thread}/archive': {
    methods: '`beta.sessions.threads.archive`',
    quantities: '',
    since: '0.95',
  },
  'POST /dreams': { methods: '`beta.dreams.create`', quantities: '', since: '0.111' },
  'GET /dreams/{id}': { methods: '`beta.dreams.retrieve`', quantities: ADDED, since: '0.111' },
  'POST /dreams/{id}/archive': { methods: '`beta.dreams.archive`', quantities: ADDED, since: '0.111' },
  'POST /dreams/{id}/cancel': { methods: '`beta.dreams.cancel`', quantities: ADDED, since: '0.111' },
};

/** What `withTable` needs to write the table of docs/anthropic.md. */
export const ANTHROPIC_TABLE: TableOptions = {
  endpoints: anthropicEndpoints,
  coverage: COVERAGE,
  script: 'scripts/anthropic-table.ts',
  sdk: '@anthropic-ai/sdk',
};

if (import.meta.main) writeTable('docs/anthropic.md', ANTHROPIC_TABLE);
