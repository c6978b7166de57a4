import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { ConfigError, messageOf } from '../base/errors.ts';

/**
 * The contents of a `.json`, `.yaml` or `.yml` file.
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
    // A parser imported by name reaches every bundle. This one is a single small module, so that it may be.
    return isJson ? JSON.parse(text) : load(text);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ConfigError(`${path} is not valid ${isJson ? 'JSON' : 'YAML'}: ${reason}`, { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`Cannot read the price file ${path}: ${messageOf(cause)}`, { cause });
  }
}
