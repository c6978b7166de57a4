import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ANTHROPIC_TABLE } from '../../scripts/anthropic-table.ts';
import { withTable } from '../../scripts/endpoint-table.ts';
import { OPENAI_TABLE } from '../../scripts/openai-table.ts';

test.each([
  ['docs/openai.md', OPENAI_TABLE],
  ['docs/anthropic.md', ANTHROPIC_TABLE],
] as const)('%s says of every endpoint what is captured: run its script', (file, options) => {
  const document = readFileSync(file, 'utf8');
  expect(document).toBe(withTable(document, options));
});
