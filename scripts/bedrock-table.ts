/**
 * The table of docs/bedrock.md, from the endpoint table and what is said here of each row:
 * `node scripts/bedrock-table.ts` writes it, a test checks that it is current.
 */
import { bedrockEndpoints } from '../src/wire/bedrock/endpoints.ts';
import { type Coverage, type TableOptions, writeTable } from './endpoint-table.ts';

const TOKENS =
  'input, cache read, cache write (with TTL) and output tokens; guardrail units, with their trace on';
const VENDORS =
  'what the vendor’s own body or Bedrock’s headers count: tokens, images, searches; guardrail units, with their trace on';

const COVERAGE: Readonly<Record<string, Coverage>> = {
  'POST /model/{model}/converse': { methods: '`ConverseCommand`', quantities: TOKENS, since: '3.587' },
  'POST /model/{model}/converse-stream': {
    methods: '`ConverseStreamCommand`',
    quantities: TOKENS,
    since: '3.587',
  },
  'POST /model/{model}/invoke': { methods: '`InvokeModelCommand`', quantities: VENDORS, since: '3.422' },
  'POST /model/{model}/invoke-with-response-stream': {
    methods: '`InvokeModelWithResponseStreamCommand`',
    quantities: VENDORS,
    since: '3.422',
  },
  'POST /model/{model}/invoke-with-bidirectional-stream': {
    methods: '`InvokeModelWithBidirectionalStreamCommand`',
    quantities: 'the last totals of the session: speech and text tokens, in and out',
    since: '3.785',
  },
  'POST /model/{model}/count-tokens': { methods: '`CountTokensCommand`', quantities: '', since: '3.872' },
  'POST /async-invoke': {
    methods: '`StartAsyncInvokeCommand`',
    quantities: 'seconds of video, as asked for; others are unpriced: their results are in S3',
    since: '3.705',
  },
  'POST /guardrail/{id}/version/{version}/apply': {
    methods: '`ApplyGuardrailCommand`',
    quantities: 'text units and images by policy',
    since: '3.614',
  },
};

/** What `withTable` needs to write the table of docs/bedrock.md. */
export const BEDROCK_TABLE: TableOptions = {
  endpoints: bedrockEndpoints,
  coverage: COVERAGE,
  script: 'scripts/bedrock-table.ts',
  sdk: '@aws-sdk/client-bedrock-runtime',
};

if (import.meta.main) writeTable('docs/bedrock.md', BEDROCK_TABLE);
