import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ConfigError } from '../errors.ts';

/**
 * The contents of a `.json`, `.yaml` or `.yml` file. The YAML parser is only loaded for a YAML file.
 *
 * @throws {ConfigError} when the file cannot be read or parsed.
 */
export function readPriceFile(path: string): unknown {
  return parsePriceFile(path, readText(path));
}

/** The text of a price file; its name says whether it is JSON or YAML. */
export function parsePriceFile(path: string, text: string): unknown {
  const isJson = /\.json$/i.test(path);
  try {
    if (isJson) return JSON.parse(text);
    const yaml = createRequire(import.meta.url)('yaml') as typeof import('yaml');
    return yaml.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${path} is no valid ${isJson ? 'JSON' : 'YAML'}: ${reason}`, { cause });
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
