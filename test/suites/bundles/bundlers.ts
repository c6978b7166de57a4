import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

/**
 * Bundles `app.js` of the folder `app` whole, everything of `node_modules` in it, into `folder`; returns the file to
 * start.
 */
export type Bundler = (app: string, folder: string) => Promise<string>;

/** An application of its own: outside this repository, whose tsconfig.json some bundlers would follow. */
export function createApp(app: string): void {
  cpSync(join(import.meta.dirname, 'app.js'), join(app, 'app.js'));
  symlinkSync(join(import.meta.dirname, 'node_modules'), join(app, 'node_modules'));
}

/** What OpenTelemetry's CommonJS parts need in an ES module, under the names that everybody gives it. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  'esbuild, CommonJS': async (app, folder) => {
    const outfile = join(folder, 'app.cjs');
    await esbuild({ ...ESBUILD, absWorkingDir: app, format: 'cjs', outfile });
    return outfile;
  },
  'esbuild, CommonJS, minified': async (app, folder) => {
    const outfile = join(folder, 'app.cjs');
    await esbuild({ ...ESBUILD, absWorkingDir: app, format: 'cjs', minify: true, outfile });
    return outfile;
  },
  'esbuild, ES modules': async (app, folder) => {
    const outfile = join(folder, 'app.mjs');
    await esbuild({ ...ESBUILD, absWorkingDir: app, format: 'esm', banner: { js: REQUIRE }, outfile });
    return outfile;
  },
  'Vite, ssr.noExternal': async (app, folder) => {
    await vite({
      root: app,
      configFile: false,
      logLevel: 'error',
      build: { ssr: join(app, 'app.js'), outDir: folder, emptyOutDir: true, minify: true },
      ssr: { noExternal: true },
    });
    return join(folder, 'app.mjs');
  },
  'Rollup, ES modules': async (app, folder) => {
    await withRollup(app, join(folder, 'app.mjs'), 'es');
    return join(folder, 'app.mjs');
  },
  'Rollup, CommonJS': async (app, folder) => {
    await withRollup(app, join(folder, 'app.cjs'), 'cjs');
    return join(folder, 'app.cjs');
  },
  webpack: (app, folder) =>
    new Promise((resolve, reject) => {
      const config = {
        mode: 'production',
        target: 'node22',
        context: app,
        entry: './app.js',
        output: { path: folder, filename: 'app.cjs' },
      } as const;
      webpack(config, (error, stats) => {
        if (error !== null) reject(error);
        else if (stats?.hasErrors() === true) reject(new Error(stats.toString('errors-only')));
        else resolve(join(folder, 'app.cjs'));
      });
    }),
};

const ESBUILD = {
  entryPoints: ['app.js'],
  bundle: true,
  platform: 'node',
  target: 'node22',
  logLevel: 'error',
} as const;

async function withRollup(app: string, file: string, format: 'es' | 'cjs'): Promise<void> {
  const bundle = await rollup({
    input: join(app, 'app.js'),
    logLevel: 'silent',
    plugins: [
      nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
      commonjs({ ignoreDynamicRequires: true }),
      json(),
    ],
  });
  await bundle.write({ file, format, inlineDynamicImports: true, interop: 'auto' });
  await bundle.close();
}
