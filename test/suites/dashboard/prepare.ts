import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packCostspan } from '../packed.ts';
import { findChromium } from './chromium.ts';
import { seedLedger } from './seed.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed package. */
    tarball: string;
    /** The seeded ledger; nobody writes to it. */
    seeded: string;
  }
}

const CACHE = join(import.meta.dirname, '.cache');

/** Builds the package with its page, packs it, and fills a ledger: once. */
export async function setup(project: TestProject): Promise<void> {
  findChromium();
  mkdirSync(CACHE, { recursive: true });
  const seeded = join(CACHE, 'seeded.db');
  for (const end of ['', '-wal', '-shm']) rmSync(seeded + end, { force: true });
  const { ledger } = await seedLedger(seeded);
  await ledger.shutdown();
  project.provide('seeded', seeded);
  project.provide('tarball', packCostspan(CACHE));
}
