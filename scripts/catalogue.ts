/**
 * Writes `src/pricing/shipped/catalogue-data.ts` from the installed `@pydantic/genai-prices`: run it after an update
 * of that package. A data module of ours reaches every bundle and loads without Node; the package is a module of
 * 830 kB that can only be loaded eagerly, or at run time in a way no bundler sees.
 *
 * Usage: `node scripts/catalogue.ts`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { waitForUpdate } from '@pydantic/genai-prices';

const TARGET = new URL('../src/pricing/shipped/catalogue-data.ts', import.meta.url);
const MANIFEST = new URL('../node_modules/@pydantic/genai-prices/package.json', import.meta.url);

/** The days on which releases appeared on npm; the package does not say. */
const RELEASED: Readonly<Record<string, string>> = { '0.1.8': '2026-09-23' };

/** The module's text: one provider a line, so that an update shows what moved. */
export async function catalogueModule(): Promise<string> {
  const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
  const released = RELEASED[version];
  if (released === undefined) throw new Error(`Add the day on which ${version} appeared to RELEASED.`);
  const lines = ((await waitForUpdate()) ?? []).map(({ id, pricing_urls: urls, models }) => {
    const sources = urls ?? [];
    const kept = models.map(({ id, match, prices }) => ({ id, match, prices }));
    return `  ${quote(id)}: ${quote(JSON.stringify({ sources, models: kept }))},\n`;
  });
  return `/*!
 * Data of @pydantic/genai-prices (MIT License, Copyright (c) Pydantic Services Inc. 2025 to present).
 * Made by scripts/catalogue.ts; do not edit.
 */
export const CATALOGUE_VERSION: string = '${version}';
/** The day on which it was released; the prices are no older than that. */
export const CATALOGUE_RELEASED: string = '${released}';
/** Per provider its price pages and models, as JSON: read when a price of that provider is first asked for. */
export const CATALOGUE: Readonly<Record<string, string>> = {
${lines.join('')}};
`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}

if (import.meta.main) writeFileSync(TARGET, await catalogueModule());
