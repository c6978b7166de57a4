import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory that is soon full. */
export interface SmallDisk {
  readonly folder: string;
  remove(): void;
}

/** @param size as `mount` takes it: `64k`. */
export function mountDisk(size: string): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'costspan-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
  return {
    folder,
    remove() {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Mounting a file system of our own needs root; where it is refused the tests skip and say so. */
export function mayMount(): boolean {
  try {
    mountDisk('64k').remove();
    return true;
  } catch {
    return false;
  }
}
