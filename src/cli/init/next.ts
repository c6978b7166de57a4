import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../project/project.ts';
import { contentOf, type Step } from './change.ts';

/** Next.js runs `register` of this file before anything else of a server. */
export function nextInstrumentation(project: Project): Step {
  const folder = existsSync(join(project.folder, 'src')) ? 'src/' : '';
  const names = ['ts', 'js', 'mjs'].map((extension) => `${folder}instrumentation.${extension}`);
  const existing = names.find((name) => contentOf(project, name) !== undefined);
  if (existing === undefined)
    return { path: `${folder}instrumentation.${project.typescript ? 'ts' : 'js'}`, after: INSTRUMENTATION };
  if (contentOf(project, existing)?.includes('costspan') === true) return undefined;
  return `${existing} exists already. Put into its register(), for process.env.NEXT_RUNTIME === 'nodejs':\n${BODY}`;
}

const BODY = `    const { startCostspan } = await import('costspan');
    const { SqliteLedger } = await import('costspan/sqlite');
    startCostspan({ sinks: [new SqliteLedger({ path: process.env.COSTSPAN_DB || 'costs.db' })] });
`;

const INSTRUMENTATION = `export async function register() {
  // Not in the edge runtime, which has no Node modules.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
${BODY}  }
}
`;

const CONFIGS = ['next.config.ts', 'next.config.mjs', 'next.config.js'];

/** The SDKs must stay outside of the bundle, where the loader hooks see them. */
export function nextConfig(project: Project): Step {
  const sdks = project.packages.filter(({ kind }) => kind === 'sdk').map(({ name }) => name);
  const line = `serverExternalPackages: [${['costspan', ...sdks].map((name) => `'${name}'`).join(', ')}],`;
  const path = CONFIGS.find((name) => contentOf(project, name) !== undefined);
  if (path === undefined) {
    return {
      path: 'next.config.mjs',
      after: `/** @type {import('next').NextConfig} */\nexport default {\n  ${line}\n};\n`,
    };
  }
  const before = contentOf(project, path) ?? '';
  if (/['"]costspan['"]/.test(before)) return undefined;
  const opening = /(?:nextConfig(?::\s*NextConfig)?\s*=|module\.exports\s*=|export default)\s*\{/.exec(
    before,
  );
  if (before.includes('serverExternalPackages') || opening === null) return `Add to ${path}: ${line}`;
  const at = opening.index + opening[0].length;
  return { path, before, after: `${before.slice(0, at)}\n  ${line}${before.slice(at)}` };
}
