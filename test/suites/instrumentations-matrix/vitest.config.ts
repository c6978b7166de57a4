import { mergeConfig, type ViteUserConfig } from 'vitest/config';
import shared from '../vitest.config.ts';

/** Each row is a process of its own, most of whose time is its start: two run at a time. */
const config: ViteUserConfig = mergeConfig(shared, {
  test: { maxConcurrency: 2, sequence: { concurrent: true } },
});

export default config;
