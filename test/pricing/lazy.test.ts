import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What a fresh process has loaded after running a line of code. */
function loadedAfter(code: string): string[] {
  const script = `
    import { createRequire, registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    ${code}
    process.stdout.write(JSON.stringify(loaded));
  `;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return JSON.parse(out) as string[];
}

const SOURCE = new URL('../../src/', import.meta.url);
const isCatalogue = (url: string) => url.includes('genai-prices/dist');
const isYaml = (url: string) => /node_modules\/yaml\//.test(url);

test('importing the prices loads no catalogue; the first price does', () => {
  const list = new URL('pricing/default-price-list.ts', SOURCE).href;
  const imported = `const { defaultPriceList } = await import('${list}');`;
  const price = `defaultPriceList.price({ inputTokens: 1 }, { provider: 'openai', requestModel: 'gpt-4o', at: new Date() });`;
  expect(loadedAfter(imported).filter(isCatalogue)).toEqual([]);
  expect(loadedAfter(imported + price).filter(isCatalogue)).toHaveLength(1);
});

test('prices given as an object or as JSON load no YAML parser', () => {
  const user = new URL('metering/user-prices.ts', SOURCE).href;
  const code = `const { userPrices } = await import('${user}'); userPrices({ name: 'mine' });`;
  expect(loadedAfter(code).filter(isYaml)).toEqual([]);
});
