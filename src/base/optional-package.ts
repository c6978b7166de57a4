/**
 * Loads a package that an application may or may not have, undefined when it has none. Looked for beside this
 * package and then from the application's folder, where strict installs (pnpm, Yarn PnP) keep it.
 *
 * A bundler must not see this: it would resolve the name while it builds and fail where the package is missing.
 */
export function loadOptionalPackage(name: string): unknown {
  // Node ≥ 22.3; `import { createRequire }` would be followed by webpack and Turbopack.
  const node = process.getBuiltinModule('node:module');
  for (const from of [import.meta.url, `${process.cwd()}/`]) {
    try {
      return node.createRequire(from)(name);
    } catch {
      // Not here.
    }
  }
  return undefined;
}
