import { object, text } from '../base/read.ts';

/** A file of an SDK that was loaded before anybody could hook its loading. */
export interface LoadedFile {
  readonly exported: unknown;
  readonly version: string | undefined;
}

/**
 * What CommonJS has loaded of a package already: `require('openai')` above the telemetry. Its classes can still be
 * patched. ES modules that are loaded cannot be found again.
 */
export function loadedBefore(packageName: string, files: readonly string[]): readonly LoadedFile[] {
  try {
    // Not named `require`: in the CommonJS build `import.meta.url` is made with the real one.
    const load = process.getBuiltinModule('node:module').createRequire(import.meta.url);
    const [slash, anywhere] = [String.raw`[\\/]`, String.raw`^(.*[\\/]node_modules[\\/]`];
    const name = packageName.replaceAll('/', slash);
    const pattern = new RegExp(
      `${anywhere}${name})${slash}(?:${files.join('|').replaceAll('/', slash)})\\.c?js$`,
    );
    return Object.entries(load.cache).flatMap(([path, loaded]) => {
      const folder = pattern.exec(path)?.[1];
      if (folder === undefined || loaded?.loaded !== true) return [];
      const manifest = object(load(`${folder}/package.json`));
      return [{ exported: loaded.exports as unknown, version: text(manifest?.version) }];
    });
  } catch {
    return []; // a runtime without Node's module cache
  }
}
