import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANTHROPIC_TABLE } from '../../scripts/anthropic-table.ts';
import { BEDROCK_TABLE } from '../../scripts/bedrock-table.ts';
import { withTable } from '../../scripts/endpoint-table.ts';
import { GOOGLE_TABLE } from '../../scripts/google-table.ts';
import { OPENAI_TABLE } from '../../scripts/openai-table.ts';
import { withProviders } from '../../scripts/providers-table.ts';

test.each([
  ['docs/openai.md', OPENAI_TABLE],
  ['docs/anthropic.md', ANTHROPIC_TABLE],
  ['docs/google.md', GOOGLE_TABLE],
  ['docs/bedrock.md', BEDROCK_TABLE],
] as const)('%s says of every endpoint what is captured: run its script', (file, options) => {
  const document = readFileSync(file, 'utf8');
  expect(document).toBe(withTable(document, options));
});

test('docs/providers.md names every provider: run its script', () => {
  const document = readFileSync('docs/providers.md', 'utf8');
  expect(document).toBe(withProviders(document));
});
