import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ConfigError } from '../../base/errors.ts';
import { known, object, text } from '../../base/read.ts';

/** What `costspan doctor` and `costspan init` find in an application's folder. */
export interface Project {
  readonly folder: string;
  readonly manager: PackageManager;
  /** What a `.js` file is here. */
  readonly format: 'esm' | 'commonjs';
  readonly typescript: boolean;
  readonly framework?: 'next' | 'nest';
  /** `scripts` of package.json. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Packages that package.json names or that are installed beside it, of the kinds below; version absent = not installed. */
  readonly packages: readonly FoundPackage[];
}

export interface FoundPackage {
  readonly name: string;
  readonly version?: string;
  readonly kind: PackageKind;
}

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';
export type PackageKind = 'costspan' | 'sdk' | 'net' | 'telemetry' | 'genai';

/**
 * Who is looked for. `sdk`: patched by an instrumentation of its own. `net`: observed by `ProviderFetchInstrumentation`
 * where it calls through fetch. `telemetry`: owns OpenTelemetry or replaces it. `genai`: writes spans of model calls, too.
 */
const KINDS: Readonly<Record<PackageKind, readonly string[]>> = {
  costspan: ['costspan'],
  sdk: ['openai', '@anthropic-ai/sdk', '@google/genai', '@aws-sdk/client-bedrock-runtime'],
  net: ['ai', '@mistralai/mistralai', 'cohere-ai', 'groq-sdk', 'ollama', '@mastra/core', '@openrouter/sdk'],
  telemetry: [
    '@opentelemetry/sdk-node',
    '@opentelemetry/sdk-trace-node',
    '@opentelemetry/auto-instrumentations-node',
    '@vercel/otel',
    '@sentry/node',
    '@sentry/nextjs',
    '@elastic/opentelemetry-node',
    'newrelic',
    'dd-trace',
  ],
  genai: [
    '@opentelemetry/instrumentation-openai',
    '@traceloop/node-server-sdk',
    '@traceloop/instrumentation-openai',
    '@traceloop/instrumentation-anthropic',
    '@arizeai/openinference-instrumentation-openai',
    '@arizeai/openinference-instrumentation-anthropic',
    '@langfuse/openai',
  ],
};

/** @throws {ConfigError} when the folder is no Node application, or its package.json is none. */
export function readProject(folder: string): Project {
  const manifest = readManifest(join(folder, 'package.json'));
  const named = { ...object(manifest.dependencies), ...object(manifest.devDependencies) };
  const has = (name: string): boolean => Object.hasOwn(named, name);
  const packages = Object.entries(KINDS).flatMap(([kind, names]) =>
    names.flatMap((name) => {
      const version = installedVersion(folder, name);
      // What a dependency brought along is not the application's own; it counts where calls may go through it.
      const counts = has(name) || (version !== undefined && (kind === 'sdk' || kind === 'costspan'));
      return counts ? [known({ name, version, kind: kind as PackageKind })] : [];
    }),
  );
  return known({
    folder,
    manager: managerOf(folder, manifest),
    format: manifest.type === 'module' ? ('esm' as const) : ('commonjs' as const),
    typescript: existsSync(join(folder, 'tsconfig.json')),
    framework: frameworkOf(has),
    scripts: scriptsOf(manifest.scripts),
    packages,
  });
}

function readManifest(path: string): Readonly<Record<string, unknown>> {
  try {
    const manifest = object(JSON.parse(readFileSync(path, 'utf8')));
    if (manifest !== undefined) return manifest;
  } catch (cause) {
    const problem = existsSync(path) ? 'is not JSON' : 'does not exist';
    throw new ConfigError(
      `${path} ${problem}. Run this in the folder of your application, or name it with --cwd <folder>.`,
      { cause },
    );
  }
  throw new ConfigError(`${path} is not a JSON object.`);
}

function frameworkOf(has: (name: string) => boolean): Project['framework'] {
  if (has('next')) return 'next';
  return has('@nestjs/core') ? 'nest' : undefined;
}

const LOCK_FILES = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
} as const;

function managerOf(folder: string, manifest: Readonly<Record<string, unknown>>): PackageManager {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(text(manifest.packageManager) ?? '')?.[1];
  if (named !== undefined) return named as PackageManager;
  const lock = Object.entries(LOCK_FILES).find(([file]) => existsSync(join(folder, file)));
  return lock?.[1] ?? 'npm';
}

function scriptsOf(scripts: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object(scripts) ?? {}).flatMap(([name, command]) =>
      typeof command === 'string' ? [[name, command]] : [],
    ),
  );
}

/** Found as Node finds it, so in workspaces and strict installs, too. */
function installedVersion(folder: string, name: string): string | undefined {
  for (const path of createRequire(join(folder, 'package.json')).resolve.paths(name) ?? []) {
    try {
      return text(object(JSON.parse(readFileSync(join(path, name, 'package.json'), 'utf8')))?.version);
    } catch {
      // Not in this one.
    }
  }
  return undefined;
}
