import type { Tracer } from '@opentelemetry/api';
import { shared } from '../base/process.ts';
import type { HostOverrides } from '../providers/host.ts';

/** Who asked for a patch: it lasts while one of its owners is enabled. */
export interface PatchOwner {
  tracer(): Tracer;
  /** Says something once. */
  warn?(message: string): void;
  /** What the user said about hosts. */
  providers(): HostOverrides;
  /** One more prototype to patch turned up; its patch comes and goes with the owner's others. */
  found?(prototype: object, patch: (owner: PatchOwner) => void): void;
}

/**
 * Replaces methods of a prototype. Patching twice is patching once: the owners are counted on the prototype
 * itself, in a map that other copies of this package share.
 */
export function applyPatch<T extends object>(
  prototype: T,
  owner: PatchOwner,
  replacementsFor: (owners: ReadonlySet<PatchOwner>) => Partial<T>,
): void {
  const patch = patches().get(prototype);
  if (patch !== undefined) {
    patch.owners.add(owner);
    return;
  }
  const owners = new Set([owner]);
  const replacements = replacementsFor(owners);
  const originals = Object.keys(replacements).map(
    (name) => [name, Object.getOwnPropertyDescriptor(prototype, name)] as const,
  );
  for (const [name, value] of Object.entries(replacements))
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  const restore = (): void => {
    for (const [name, original] of originals) {
      // What was inherited is inherited again.
      if (original === undefined) Reflect.deleteProperty(prototype, name);
      else Object.defineProperty(prototype, name, original);
    }
  };
  patches().set(prototype, { owners, restore });
}

/** Takes an owner's patch away; the last one to leave restores the SDK's own methods. */
export function removePatch(prototype: object, owner: PatchOwner): void {
  const patch = patches().get(prototype);
  if (patch === undefined) return;
  patch.owners.delete(owner);
  if (patch.owners.size > 0) return;
  patch.restore();
  patches().delete(prototype);
}

interface Patch {
  readonly owners: Set<PatchOwner>;
  readonly restore: () => void;
}

function patches(): WeakMap<object, Patch> {
  return shared('patches', () => new WeakMap());
}
