import { createRequire, register } from 'node:module';
import { diag } from '../attribution/diag.ts';

/**
 * Installs the loader hooks that let instrumentations see ES modules: once per process, for the provider SDKs
 * only, so that no other import pays for it. CommonJS needs none.
 *
 * The hooks are those of `import-in-the-middle`, in the copy that `@opentelemetry/instrumentation` loads: two
 * copies do not see each other's hooks. Synchronous hooks (`module.registerHooks`) where Node's are complete
 * (≥ 22.22.3, ≥ 24.11.1, ≥ 26), otherwise the asynchronous ones (`module.register`).
 */
export function installLoaderHooks(): void {
  const slots = globalThis as { [INSTALLED]?: true };
  if (slots[INSTALLED]) return;
  slots[INSTALLED] = true;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('@opentelemetry/instrumentation'));
    const hooks = loadSyncHooks(require);
    if (hooks?.supportsSyncHooks()) hooks.register({ include: SDK_MODULES });
    else register(String(new URL('hook.mjs', directoryOf(require))), { data: { include: SDK_MODULES } });
  } catch (error) {
    diag.warn(
      'costspan: the loader hooks could not be installed, so SDKs loaded with `import` are not observed. ' +
        "Start node with `--import costspan/hooks`, or call the instrumentation's manuallyInstrument(module).",
      error,
    );
  }
}

const INSTALLED = Symbol.for('costspan.loader-hooks.v1');

/** The files of the SDKs in which a client class is defined: patching those catches every way to the class. */
const SDK_MODULES: readonly RegExp[] = [
  /[\\/]node_modules[\\/]openai[\\/](?:client|core|index|azure|(?:lib|core)[\\/]EventEmitter)\.m?js$/,
  /[\\/]node_modules[\\/]@anthropic-ai[\\/]sdk[\\/](?:client|core|index)\.m?js$/,
];

interface SyncHooks {
  supportsSyncHooks(): boolean;
  register(options: { include: readonly RegExp[] }): void;
}

/** `import-in-the-middle` ≥ 3.4 has synchronous hooks; an older one only asynchronous. */
function loadSyncHooks(require: NodeJS.Require): SyncHooks | undefined {
  try {
    return require('import-in-the-middle/register-hooks.mjs') as SyncHooks;
  } catch {
    return undefined;
  }
}

function directoryOf(require: NodeJS.Require): URL {
  return new URL(`file://${require.resolve('import-in-the-middle/package.json')}`);
}
