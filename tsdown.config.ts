import { defineConfig, type UserConfig } from 'tsdown';
import { entries } from './scripts/package-entries.ts';

/**
 * Few files, because each costs an application's start about half a millisecond: one per way in, and what they
 * share in chunks that exist once per module format, so that no class and no state is doubled within one.
 */
const build = (format: 'esm' | 'cjs', entry: Record<string, string>): UserConfig => ({
  entry,
  format,
  outDir: 'dist',
  platform: 'node',
  target: 'node22.15',
  tsconfig: 'tsconfig.build.json',
  fixedExtension: false,
  sourcemap: true,
  // package.json's `sideEffects` speaks of `dist`; here `check-node` must stay.
  treeshake: { moduleSideEffects: [{ test: /check-node/, sideEffects: true }] },
  // Types are made from each file alone (`isolatedDeclarations`), without a type checker.
  dts: { oxc: true, sourcemap: false },
  // What an application installs is never copied into our files: two copies of OpenTelemetry do not meet.
  deps: { onlyBundle: [] },
  // `src/calls/call-site.ts` knows our files by this name.
  outputOptions: { chunkFileNames: `costspan-[name]-[hash].${format === 'cjs' ? 'cjs' : 'js'}` },
  logLevel: 'error',
  checks: { legacyCjs: false },
});

const config: UserConfig[] = defineConfig([
  build('esm', { ...entries(), 'cli/main': 'src/cli/main.ts', 'cli/probe': 'src/cli/doctor/probe.ts' }),
  build('cjs', entries()),
]);

export default config;
