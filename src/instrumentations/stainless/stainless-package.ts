import { text } from '../../base/read.ts';
import type { Patch, SdkPackage } from '../sdk-instrumentation.ts';
import { patchClient } from './patch-client.ts';
import { findClientPrototypes, hasClient, type StainlessSdk } from './sdk.ts';

/** What tells one SDK built by Stainless from another. */
interface StainlessPackage extends Pick<SdkPackage, 'files' | 'from' | 'below'> {
  readonly sdk: StainlessSdk;
  /** What else than client classes is patched of what one of its files exports. */
  extraPatches?(exported: unknown): ReadonlyMap<object, Patch>;
}

/** An SDK that Stainless generated: its client classes are patched, wherever a module or a client leads to one. */
export function stainlessPackage({ sdk, extraPatches, ...rest }: StainlessPackage): SdkPackage {
  return {
    ...rest,
    module: sdk.module,
    hasClient,
    versionOf,
    patchesOf(exported) {
      const found = new Map<object, Patch>(extraPatches?.(exported));
      for (const prototype of findClientPrototypes(exported))
        found.set(prototype, (owner) => patchClient(prototype, sdk, owner));
      return found;
    },
  };
}

/** Stainless clients name their version to the provider: `OpenAI/JS 7.59.0`. */
function versionOf(prototype: object): string | undefined {
  try {
    const { getUserAgent } = prototype as { readonly getUserAgent?: () => unknown };
    return text(getUserAgent?.call(prototype))?.split(' ').at(-1);
  } catch {
    return undefined; // a class that needs a client to say it
  }
}
