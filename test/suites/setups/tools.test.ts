import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { runIn } from '../packed.ts';
import { environment, expectExact, install } from './environment.ts';

let tools: string;
beforeAll(() => {
  tools = install('tools');
});

const bin = (name: string): string => join(tools, 'node_modules', name);
const exact =
  (command: () => readonly string[], more?: NodeJS.ProcessEnv, folder = '') =>
  async (): Promise<void> =>
    void (await expectExact(process.execPath, command(), join(tools, folder), more));

const TSX = 'node_modules/tsx/dist/cli.mjs';
const IMPORT = ['--import', './telemetry.mjs'];

environment(
  'TypeScript, types stripped by Node',
  'Node 24.21',
  '--import ./telemetry.mjs',
  exact(() => [...IMPORT, 'typescript/app.mts']),
);
environment(
  'tsx, ES modules',
  'tsx 4.23',
  'tsx --import ./telemetry.mjs',
  exact(() => [TSX, ...IMPORT, 'typescript/app.mts']),
);
environment(
  'tsx, CommonJS',
  'tsx 4.23',
  'tsx -r ./telemetry.cjs',
  exact(() => [TSX, '-r', './telemetry.cjs', 'typescript/app.cts']),
);
environment(
  'ts-node, CommonJS',
  'ts-node 10.9, TypeScript 5.9',
  'node -r ./telemetry.cjs -r ts-node/register',
  exact(() => ['-r', './telemetry.cjs', '-r', 'ts-node/register', 'typescript/app.cts'], {
    TS_NODE_SKIP_PROJECT: 'true',
    TS_NODE_COMPILER_OPTIONS:
      '{"module":"node16","moduleResolution":"node16","esModuleInterop":true,"skipLibCheck":true}',
  }),
);

/** `module` and how it resolves; node10 is TypeScript's own name for what has no `exports`. */
const MODULES = [
  ['commonjs', 'node10'],
  ['node16', 'node16'],
  ['node18', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
] as const;
for (const [compiler, versions] of [
  ['typescript', 'TypeScript 5.9'],
  ['typescript-7', 'TypeScript 7.0'],
] as const) {
  for (const [module, resolution] of MODULES) {
    // TypeScript 7 has no node10 any more.
    if (compiler === 'typescript-7' && resolution === 'node10') continue;
    for (const type of ['commonjs', 'module']) {
      environment(versions, `module: ${module}`, `compiles in a package of type ${type}`, async () => {
        const folder = join(tools, 'typescript');
        writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
        const options = [
          '--module',
          module,
          '--moduleResolution',
          resolution,
          '--target',
          'es2022',
          '--types',
          'node',
        ];
        const alone = compiler === 'typescript-7' ? ['--ignoreConfig'] : [];
        const deprecated = resolution === 'node10' ? ['--ignoreDeprecations', '5.0'] : [];
        runIn(folder, process.execPath, [
          bin(`${compiler}/bin/tsc`),
          '--noEmit',
          '--strict',
          '--exactOptionalPropertyTypes',
          ...options,
          ...deprecated,
          ...alone,
          'types.ts',
        ]);
        return 'compiles';
      });
    }
  }
}

environment(
  'NestJS',
  '@nestjs/core 12.5, TypeScript 5.9, module: commonjs',
  'attributeTo as middleware, -r ./telemetry.cjs',
  async () => {
    runIn(join(tools, 'nest'), process.execPath, [bin('typescript/bin/tsc')]);
    await exact(() => ['-r', './telemetry.cjs', '.cache/nest/main.js'])();
  },
);
environment(
  'Jest, CommonJS',
  'jest 30.5',
  'require; manuallyInstrument(OpenAI) in the test',
  exact(() => [bin('jest/bin/jest.js'), '--runInBand'], undefined, 'jest'),
);
environment(
  'Vitest',
  'vitest 5.1',
  'NODE_OPTIONS="--import ./telemetry.mjs"',
  exact(() => [bin('vitest/vitest.mjs'), 'run'], { NODE_OPTIONS: '--import ../telemetry.mjs' }, 'vitest'),
);
environment(
  'node --test',
  'Node 24.21',
  'node --import ./telemetry.mjs --test',
  exact(() => [...IMPORT, '--test', 'node-test/app.mjs']),
);
environment(
  'The SDK inside an esbuild bundle, the set-up outside of it',
  'esbuild 0.28',
  '--import ./telemetry.mjs bundle.mjs',
  async () => {
    const bundle = '.cache/bundle.mjs';
    // A program of its own, or a script that starts it, as npm installed it.
    runIn(tools, bin('esbuild/bin/esbuild'), [
      'typescript/app.mts',
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--external:costspan',
      `--outfile=${bundle}`,
    ]);
    await exact(() => ['--import', './telemetry-net.mjs', bundle])();
    return 'exact, by the net beneath the SDKs';
  },
);
