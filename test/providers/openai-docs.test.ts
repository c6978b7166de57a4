import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTable } from '../../scripts/openai-table.ts';

test('docs/openai.md says of every endpoint what is captured: run `node scripts/openai-table.ts`', () => {
  const document = readFileSync('docs/openai.md', 'utf8');
  expect(document).toBe(withTable(document));
});
