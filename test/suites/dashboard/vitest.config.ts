import { defineConfig, mergeConfig, type ViteUserConfig } from 'vitest/config';
import shared from '../vitest.config.ts';

/** Built, packed and seeded once for all files. */
const config: ViteUserConfig = mergeConfig(
  shared,
  defineConfig({ test: { globalSetup: [`${import.meta.dirname}/prepare.ts`] } }),
);

export default config;
