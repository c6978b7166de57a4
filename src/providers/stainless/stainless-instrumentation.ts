import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { ensureTrustBoundary } from '../../attribution/trust-boundary.ts';
import { checkOptions, ConfigError, describe } from '../../errors.ts';
import { PACKAGE_VERSION } from '../../version.ts';
import { checkHostOverrides, type HostOverrides } from '../hosts.ts';
import { installLoaderHooks } from '../loader-hooks.ts';
import { loadTokenizer } from '../tokenizer.ts';
import { patchClient } from './patch-client.ts';
import { findClientPrototypes, hasClient, type StainlessSdk } from './sdk.ts';
import { type PatchOwner, removePatch } from './shared-patch.ts';

/** Options of the instrumentations of SDKs built by Stainless. */
export interface ProviderInstrumentationConfig extends InstrumentationConfig {
  /**
   * Who answers at a host that its name does not tell: `{ 'llm.internal': 'vllm' }`. Keys are host names, with a
   * port or a leading `*.` where that matters.
   */
  readonly providers?: HostOverrides;
}

/** One SDK package: where its client classes live, and which versions were tested. */
export interface SdkPackage {
  readonly sdk: StainlessSdk;
  /** Files, without extension, in which a client class is defined. */
  readonly files: readonly string[];
  /** What else of the package is patched: the files, and how. */
  readonly extra?: {
    readonly files: readonly string[];
    patchesOf(exported: unknown): ReadonlyMap<object, (owner: PatchOwner) => void>;
  };
  /** Inclusive lower and exclusive upper bound, `[major, minor]`. */
  readonly from: readonly [number, number];
  readonly below: readonly [number, number];
}

/**
 * Patches every copy of an SDK that the process loads, CommonJS or ES module, and takes the patches off again.
 *
 * State lives in a WeakMap and not in fields, and no method has a private name: the base class calls `init()`
 * and `enable()` from its constructor, and patches what is already loaded there, before either exists.
 */
export abstract class StainlessInstrumentation extends InstrumentationBase<ProviderInstrumentationConfig> {
  constructor(className: string, name: string, config: ProviderInstrumentationConfig) {
    checkOptions(`new ${className}`, config, ['enabled', 'providers']);
    checkHostOverrides(`new ${className}`, config.providers);
    super(name, PACKAGE_VERSION, config);
    installLoaderHooks();
    loadTokenizer();
    ensureTrustBoundary();
  }

  /** The package this instrumentation knows; a module constant. */
  protected abstract sdkPackage(): SdkPackage;

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const { sdk, files, extra } = this.sdkPackage();
    const patch = (exported: unknown, version?: string): unknown => {
      this.patchExports(exported, version);
      return exported;
    };
    const unpatch = (): void => undefined;
    // Out-of-range versions are declined by us, with a word about it, and not silently by the base class.
    const definition = new InstrumentationNodeModuleDefinition(sdk.module, ['*'], patch, unpatch);
    for (const file of [...files, ...(extra?.files ?? [])]) {
      for (const extension of ['js', 'mjs']) {
        const name = `${sdk.module}/${file}.${extension}`;
        definition.files.push(new InstrumentationNodeModuleFile(name, ['*'], patch, unpatch));
      }
    }
    return [definition];
  }

  /**
   * Instruments a module, a client class or a client that the loader hooks cannot see: in bundles, in Next.js,
   * under a test runner that loads modules itself.
   *
   * @example
   * import OpenAI from 'openai';
   * new OpenAIInstrumentation().manuallyInstrument(OpenAI);
   * @throws {ConfigError} when there is no client class in what was given.
   */
  manuallyInstrument(moduleOrClient: unknown): void {
    const found = this.patchesOf(moduleOrClient);
    if (found.size === 0) {
      const { module } = this.sdkPackage().sdk;
      throw new ConfigError(
        `manuallyInstrument: found no client class of '${module}' in ${describe(moduleOrClient)}. ` +
          `Pass the module ('import * as sdk from "${module}"'), its client class, or a client.`,
      );
    }
    for (const [prototype, patch] of found) this.patchPrototype(prototype, patch);
  }

  override enable(): void {
    super.enable();
    const state = this.state();
    state.enabled = true;
    for (const patch of state.patches.values()) patch(state.owner);
  }

  override disable(): void {
    super.disable();
    const state = this.state();
    state.enabled = false;
    for (const prototype of state.patches.keys()) removePatch(prototype, state.owner);
  }

  protected state(): State {
    let state = STATES.get(this);
    if (state === undefined) {
      // Asked for at every call: the tracer provider is registered after the constructor ran.
      const owner: PatchOwner = {
        tracer: () => this.tracer,
        warn: (message) => this.warnOnce(message),
        providers: () => this.getConfig().providers ?? {},
      };
      state = { owner, patches: new Map(), warned: new Set(), enabled: false };
      STATES.set(this, state);
    }
    return state;
  }

  protected patchExports(exported: unknown, version: string | undefined): void {
    const { sdk, from, below } = this.sdkPackage();
    const range = `≥${from.join('.')} <${below.join('.')}`;
    if (version !== undefined && !inRange(version, from, below)) {
      return this.warnOnce(
        `${sdk.module} ${version} is outside the tested range (${range}): its calls are not observed.`,
      );
    }
    const found = this.patchesOf(exported);
    for (const [prototype, patch] of found) this.patchPrototype(prototype, patch);
    if (found.size === 0 && hasClient(exported)) {
      this.warnOnce(
        `${sdk.module} ${version ?? ''} is built differently from the versions tested (${range}): ` +
          'its calls are not observed. Use a tested version, and tell us.',
      );
    }
  }

  /** What there is to patch in whatever a module exports. */
  protected patchesOf(exported: unknown): ReadonlyMap<object, (owner: PatchOwner) => void> {
    const { sdk, extra } = this.sdkPackage();
    const found = new Map<object, (owner: PatchOwner) => void>(extra?.patchesOf(exported));
    for (const prototype of findClientPrototypes(exported))
      found.set(prototype, (owner) => patchClient(prototype, sdk, owner));
    return found;
  }

  protected patchPrototype(prototype: object, patch: (owner: PatchOwner) => void): void {
    const { patches, owner, enabled } = this.state();
    patches.set(prototype, patch);
    if (enabled) patch(owner);
  }

  protected warnOnce(message: string): void {
    const { warned } = this.state();
    if (warned.has(message)) return;
    warned.add(message);
    this._diag.warn(message);
  }
}

interface State {
  readonly owner: PatchOwner;
  readonly patches: Map<object, (owner: PatchOwner) => void>;
  readonly warned: Set<string>;
  enabled: boolean;
}

const STATES = new WeakMap<object, State>();

function inRange(
  version: string,
  from: readonly [number, number],
  below: readonly [number, number],
): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const atLeast = (bound: readonly [number, number]): boolean =>
    major > bound[0] || (major === bound[0] && minor >= bound[1]);
  return atLeast(from) && !atLeast(below);
}
