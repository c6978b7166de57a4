import { diag } from '../base/diag.ts';
import { isHooksWorker } from '../base/preload.ts';
import { shared } from '../base/process.ts';
import { SDK_FILES } from './sdk-files.ts';

/**
 * Installs the loader hooks that let instrumentations see ES modules: once per process, for the provider SDKs
 * only, so that no other import pays for it. CommonJS needs none.
 *
 * The hooks are those of `import-in-the-middle`, in the copy that `@opentelemetry/instrumentation` loads: two
 * copies do not see each other's hooks. Synchronous hooks (`module.registerHooks`) where Node's are complete
 * (≥ 22.22.3, ≥ 24.11.1, ≥ 26), otherwise the asynchronous ones (`module.register`).
 */
export function installLoaderHooks(): void {
  const hooks = shared('loader hooks', () => ({ installed: false }));
  if (hooks.installed || isHooksWorker()) return;
  hooks.installed = true;
  try {
    // Not imported by name: bundles commonly begin with a `createRequire` of their own, and two are an error.
    const { createRequire, register } = process.getBuiltinModule('node:module');
    const fromThere = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/instrumentation'));
    const sync = loadSyncHooks(fromThere);
    if (sync?.supportsSyncHooks()) sync.register({ include: SDK_MODULES });
    else register(String(new URL('hook.mjs', directoryOf(fromThere))), { data: { include: SDK_MODULES } });
  } catch (error) {
    diag.warn(
      'costspan: the loader hooks could not be installed, so SDKs loaded with `import` are not observed. ' +
        "Start node with `--import costspan/hooks`, or call the instrumentation's manuallyInstrument(module).",
      error,
    );
  }
}

/** Of `…/node_modules/openai/client.mjs`, whatever the installer puts around it. */
const SDK_MODULES: readonly RegExp[] = Object.entries(SDK_FILES).map(
  ([module, files]) =>
    new RegExp(
      `[\\\\/]node_modules[\\\\/]${anySlash(module)}[\\\\/](?:${anySlash(files.join('|'))})\\.m?js$`,
    ),
);

function anySlash(path: string): string {
  return path.replaceAll('/', '[\\\\/]');
}

interface SyncHooks {
  supportsSyncHooks(): boolean;
  register(options: { include: readonly RegExp[] }): void;
}

/** `import-in-the-middle` ≥ 3.4 has synchronous hooks; an older one only asynchronous. */
function loadSyncHooks(load: NodeJS.Require): SyncHooks | undefined {
  try {
    return load('import-in-the-middle/register-hooks.mjs') as SyncHooks;
  } catch {
    return undefined;
  }
}

function directoryOf({ resolve }: NodeJS.Require): URL {
  return new URL(`file://${resolve('import-in-the-middle/package.json')}`);
}
