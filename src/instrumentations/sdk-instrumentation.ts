import type { TracerProvider } from '@opentelemetry/api';
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { isSdkDisabled } from '../base/environment.ts';
import { known } from '../base/read.ts';
import { warnOnce } from '../base/warn-once.ts';
import { ensureTrustBoundary } from '../attribution/baggage/trust-boundary.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { PACKAGE_VERSION } from '../version.ts';
import { checkHostOverrides, type HostOverrides, NO_OVERRIDES } from '../providers/host.ts';
import { loadedBefore } from './loaded-before.ts';
import { installLoaderHooks } from './loader-hooks.ts';
import { sight } from './sightings.ts';
import { loadTokenizer } from './tokenizer.ts';
import { TracerSource } from './tracer-source.ts';
import { type PatchOwner, removePatch } from './shared-patch.ts';

/** Options of every instrumentation of an SDK. */
export interface ProviderInstrumentationConfig extends InstrumentationConfig {
  /**
   * Who answers at a host whose name does not tell: `{ 'llm.internal': 'vllm' }`. Keys are host names, with a
   * port or a leading `*.` where that matters.
   */
  readonly providers?: HostOverrides;
}

/** One SDK package: its files, the versions tested, and what is patched of what they export. */
export interface SdkPackage {
  /** The npm package. */
  readonly module: string;
  /** Its files in `SDK_FILES`. */
  readonly files: readonly string[];
  /** Inclusive lower and exclusive upper bound, `[major, minor]`. */
  readonly from: readonly [number, number];
  readonly below: readonly [number, number];
  /** What there is to patch in whatever a module exports, or in a client: prototypes, each with its patch. */
  patchesOf(exported: unknown): ReadonlyMap<object, Patch>;
  /** Whether a module exports a client class at all, patchable or not. */
  hasClient(exported: unknown): boolean;
  /** The version that a patched prototype tells of itself. */
  versionOf?(prototype: object): string | undefined;
}

export type Patch = (owner: PatchOwner) => void;

/**
 * Patches every copy of an SDK that the process loads, CommonJS or ES module, and takes the patches off again.
 *
 * State lives in a WeakMap and not in fields, and no method has a private name: the base class calls `init()`
 * and `enable()` from its constructor, and patches what is already loaded there, before either exists.
 */
export abstract class SdkInstrumentation extends InstrumentationBase<ProviderInstrumentationConfig> {
  constructor(className: string, name: string, config: ProviderInstrumentationConfig) {
    checkOptions(`new ${className}`, config, ['enabled', 'providers']);
    checkHostOverrides(`new ${className}`, config.providers);
    super(name, PACKAGE_VERSION, isSdkDisabled() ? { ...config, enabled: false } : config);
    if (isSdkDisabled()) return;
    const { module, files } = this.sdkPackage();
    sight({ package: module, how: 'hook', patched: false });
    installLoaderHooks();
    for (const { exported, version } of loadedBefore(module, files)) this.patchExports(exported, version);
    loadTokenizer();
    ensureTrustBoundary();
  }

  /** The package this instrumentation knows; a module constant. */
  protected abstract sdkPackage(): SdkPackage;

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const { module, files } = this.sdkPackage();
    const patch = (exported: unknown, version?: string): unknown => {
      this.patchExports(exported, version);
      return exported;
    };
    const unpatch = (): void => undefined;
    // Out-of-range versions are declined by us, with a word about it, and not silently by the base class.
    const definition = new InstrumentationNodeModuleDefinition(module, ['*'], patch, unpatch);
    for (const file of files) {
      for (const extension of ['js', 'mjs', 'cjs']) {
        const name = `${module}/${file}.${extension}`;
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
    const { module, patchesOf, versionOf } = this.sdkPackage();
    const found = patchesOf(moduleOrClient);
    if (found.size === 0) {
      throw new ConfigError(
        `manuallyInstrument: found no client class of '${module}' in ${describe(moduleOrClient)}. ` +
          `Pass the module ('import * as sdk from "${module}"'), its client class, or a client.`,
      );
    }
    for (const [prototype, patch] of found) this.patchPrototype(prototype, patch);
    const version = versionOf && firstKnown(found.keys(), versionOf);
    sight({ package: module, ...known({ version }), how: 'manual', patched: true });
  }

  override enable(): void {
    if (isSdkDisabled()) return;
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

  override setTracerProvider(provider: TracerProvider): void {
    super.setTracerProvider(provider);
    this.state().source.given = provider;
  }

  protected state(): State {
    let state = STATES.get(this);
    if (state === undefined) {
      // Asked for at every call: the tracer provider is registered after the constructor ran.
      const source = new TracerSource(this.instrumentationName, this.instrumentationVersion);
      const owner: PatchOwner = {
        tracer: () => source.tracer(),
        warn: warnOnce,
        providers: () => this.getConfig().providers ?? NO_OVERRIDES,
        found: (prototype, patch) => this.patchPrototype(prototype, patch),
      };
      state = { owner, source, patches: new Map(), enabled: false };
      STATES.set(this, state);
    }
    return state;
  }

  protected patchExports(exported: unknown, version: string | undefined): void {
    const { module, from, below, patchesOf, hasClient } = this.sdkPackage();
    const range = `≥${from.join('.')} <${below.join('.')}`;
    const met = { package: module, how: 'hook' as const, ...known({ version }) };
    if (version !== undefined && !inRange(version, from, below)) {
      sight({ ...met, patched: false });
      return warnOnce(
        `${module} ${version} is outside the tested range (${range}): its calls are not observed. ` +
          'Install a tested version, or add new ProviderFetchInstrumentation().',
      );
    }
    const found = patchesOf(exported);
    for (const [prototype, patch] of found) this.patchPrototype(prototype, patch);
    if (found.size > 0) sight({ ...met, patched: true });
    if (found.size === 0 && hasClient(exported)) {
      sight({ ...met, patched: false });
      warnOnce(
        `${module} ${version ?? ''} is built differently from the versions tested (${range}): ` +
          'its calls are not observed. Use a tested version, and tell us.',
      );
    }
  }

  protected patchPrototype(prototype: object, patch: Patch): void {
    const { patches, owner, enabled } = this.state();
    patches.set(prototype, patch);
    if (enabled) patch(owner);
  }
}

interface State {
  readonly owner: PatchOwner;
  readonly source: TracerSource;
  readonly patches: Map<object, Patch>;
  enabled: boolean;
}

const STATES = new WeakMap<object, State>();

function firstKnown<T>(items: Iterable<T>, ask: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const answer = ask(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

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
