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

const SOURCE = new URL('../../../src/', import.meta.url);

test('the prices read no file and no package, however many are asked for', () => {
  const list = new URL('pricing/shipped/default-price-list.ts', SOURCE).href;
  const imported = `const { defaultPriceList } = await import('${list}');`;
  const price = `defaultPriceList.price({ inputTokens: 1 }, { provider: 'openai', requestModel: 'gpt-4o', at: new Date() });`;
  expect(loadedAfter(imported).filter((url) => url.includes('node_modules'))).toEqual([]);
  expect(loadedAfter(imported + price)).toEqual(loadedAfter(imported));
});
