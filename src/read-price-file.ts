import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ConfigError } from './errors.ts';

/**
 * The contents of a `.json`, `.yaml` or `.yml` file. The YAML parser is only loaded for a YAML file.
 *
 * @throws {ConfigError} when the file cannot be read or parsed.
 */
export function readPriceFile(path: string): unknown {
  const text = readText(path);
  try {
    if (/\.json$/i.test(path)) return JSON.parse(text);
    const yaml = createRequire(import.meta.url)('yaml') as typeof import('yaml');
    // Decimals as they are written: `0.1` must not become a float on its way.
    return yaml.parse(text, { schema: 'core', intAsBigInt: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${path} is no valid ${/\.json$/i.test(path) ? 'JSON' : 'YAML'}: ${reason}`, {
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(
      `Cannot read the price file ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
