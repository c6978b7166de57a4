import { messageOf } from '../../base/errors.ts';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Environment, fromEnvironment } from '../../base/environment.ts';
import { openLedgerFile } from '../../ledger/sqlite/open-ledger-file.ts';
import { priceUsage } from '../../pricing/price-usage.ts';
import type { Project } from '../project/project.ts';
import { type Finding, hint, problem } from './finding.ts';
import { inRange, SUPPORTED } from './supported.ts';

/** What can be told from files and the environment, without running anything. */
export function inspectProject(project: Project, env: Environment, now: Date): readonly Finding[] {
  return [
    ...inspectPackages(project),
    ...inspectNext(project),
    ...inspectEnvironment(env),
    ...inspectLedger(project.folder, env),
    ...inspectPrices(now),
  ];
}

function inspectPackages({ packages, manager }: Project): Finding[] {
  const add = manager === 'npm' ? 'npm install' : `${manager} add`;
  const findings: Finding[] = [];
  if (!packages.some(({ kind, version }) => kind === 'costspan' && version !== undefined))
    findings.push(problem('not-installed', 'costspan is not installed here.', `${add} costspan`));
  for (const { name, version, kind } of packages) {
    const range = SUPPORTED[name];
    if (kind === 'sdk' && version !== undefined && range !== undefined && !inRange(version, range)) {
      findings.push(
        problem(
          'sdk-out-of-range',
          `${name} ${version} is outside of what Costspan observes (${range}): its calls are not recorded.`,
          `${add} ${name}@<a version in ${range}>, or a newer costspan.`,
        ),
      );
    } else if (kind === 'net' || (kind === 'sdk' && range === undefined)) {
      findings.push(
        hint(
          'sdk-not-patched',
          `${name} has no instrumentation of its own.`,
          'Its calls are seen where they leave through fetch: add new ProviderFetchInstrumentation() to your set-up, ' +
            'or record replies yourself with recordResponse(body, { provider }).',
        ),
      );
    } else if (kind === 'genai') {
      findings.push(
        hint(
          'double-instrumentation',
          `${name} writes spans of model calls, too.`,
          'Costs are counted once all the same. To have one span per call, see `spans` in docs/attribution.md.',
        ),
      );
    }
  }
  return findings;
}

const NEXT_CONFIGS = ['next.config.ts', 'next.config.mjs', 'next.config.js'];

function inspectNext({ folder, framework, packages }: Project): Finding[] {
  if (framework !== 'next') return [];
  const file = NEXT_CONFIGS.find((name) => existsSync(join(folder, name)));
  const config = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  const needed = ['costspan', ...packages.filter(({ kind }) => kind === 'sdk').map(({ name }) => name)];
  const missing = needed.filter((name) => !config.includes(`'${name}'`) && !config.includes(`"${name}"`));
  if (missing.length === 0) return [];
  return [
    problem(
      'bundled',
      `Next.js bundles ${missing.join(', ')} into the server, where the loader hooks cannot see them.`,
      `In ${file ?? 'next.config.mjs'}: serverExternalPackages: [${needed.map((name) => `'${name}'`).join(', ')}]`,
    ),
  ];
}

function inspectEnvironment(env: Environment): Finding[] {
  const findings: Finding[] = [];
  const level = fromEnvironment('OTEL_LOG_LEVEL', env)?.toLowerCase();
  if (level === 'none' || level === 'error') {
    findings.push(
      hint(
        'diag-invisible',
        `OTEL_LOG_LEVEL=${level} hides Costspan's warnings.`,
        'Unset it, or set OTEL_LOG_LEVEL=warn.',
      ),
    );
  }
  const sampler = fromEnvironment('OTEL_TRACES_SAMPLER', env);
  if (sampler !== undefined && !sampler.endsWith('always_on')) {
    findings.push(
      hint(
        'sampler-drops',
        `OTEL_TRACES_SAMPLER=${sampler} drops spans.`,
        'Costs do not depend on it: every call is an event. Only cost attributes on dropped spans are missing; ' +
          'costSampler(yours) keeps the spans of model calls.',
      ),
    );
  }
  if (/^true$/i.test(fromEnvironment('OTEL_SDK_DISABLED', env) ?? '')) {
    findings.push(
      problem(
        'sdk-disabled',
        'OTEL_SDK_DISABLED=true switches OpenTelemetry off.',
        'Unset OTEL_SDK_DISABLED.',
      ),
    );
  }
  return findings;
}

function inspectLedger(folder: string, env: Environment): Finding[] {
  const named = fromEnvironment('COSTSPAN_DB', env) ?? 'costs.db';
  if (/^postgres(ql)?:/.test(named)) return [];
  const path = resolve(folder, named);
  try {
    if (existsSync(path)) {
      void openLedgerFile(path, { readOnly: true }).shutdown();
      accessSync(path, constants.W_OK);
    } else {
      accessSync(dirname(path), constants.W_OK);
    }
    return [];
  } catch (error) {
    const why = messageOf(error);
    return [
      problem(
        'ledger-unusable',
        `The ledger ${named} cannot be used: ${why}`,
        'Name another file: COSTSPAN_DB=<path>.',
      ),
    ];
  }
}

/** The catalogue is data in every copy of the package; where a bundler lost it, nothing has a price. */
function inspectPrices(at: Date): Finding[] {
  const { status } = priceUsage({ inputTokens: 1 }, { provider: 'openai', model: 'gpt-4o', at });
  if (status === 'priced') return [];
  return [
    problem(
      'no-catalogue',
      'The price catalogue is not there: every call is unpriced.',
      'Install costspan again.',
    ),
  ];
}
