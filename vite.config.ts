import { defineConfig, type UserConfig } from 'vite';

/** The dashboard's page: built into `dist/dashboard`, served by `src/dashboard`, installed with nothing beside it. */
const config: UserConfig = defineConfig({
  root: 'src/dashboard/page',
  // The page works wherever it is mounted.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/dashboard',
    emptyOutDir: true,
    target: 'es2024',
    // The page's content security policy allows no inline script and no style or font from a data URL.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // One script and one style sheet: a local page has nothing to gain from more.
    cssCodeSplit: false,
    license: { fileName: 'LICENSES.md' },
  },
});

export default config;
