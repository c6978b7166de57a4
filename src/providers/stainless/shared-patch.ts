import type { Tracer } from '@opentelemetry/api';
import type { HostOverrides } from '../hosts.ts';

/** Who asked for a patch: it lasts while one of its owners is enabled. */
export interface PatchOwner {
  tracer(): Tracer;
  /** Says something once. */
  warn?(message: string): void;
  /** What the user said about hosts. */
  providers(): HostOverrides;
}

/**
 * Replaces methods of a prototype. Patching twice is patching once: the owners are counted on the prototype
 * itself, under a symbol that other copies of this package know.
 */
export function applyPatch<T extends object>(
  prototype: T,
  owner: PatchOwner,
  replacementsFor: (owners: ReadonlySet<PatchOwner>) => Partial<T>,
): void {
  const patched = prototype as Patched;
  if (Object.hasOwn(prototype, PATCH) && patched[PATCH] !== undefined) {
    patched[PATCH].owners.add(owner);
    return;
  }
  const owners = new Set([owner]);
  const replacements = replacementsFor(owners);
  const originals = Object.keys(replacements).map((name) => [name, Reflect.get(prototype, name)] as const);
  for (const [name, value] of Object.entries(replacements)) replace(prototype, name, value);
  const restore = (): void => {
    for (const [name, value] of originals) replace(prototype, name, value);
  };
  Object.defineProperty(prototype, PATCH, { value: { owners, restore }, configurable: true });
}

/** Takes an owner's patch away; the last one to leave restores the SDK's own methods. */
export function removePatch(prototype: object, owner: PatchOwner): void {
  const patched = prototype as Patched;
  const patch = patched[PATCH];
  if (patch === undefined) return;
  patch.owners.delete(owner);
  if (patch.owners.size > 0) return;
  patch.restore();
  delete patched[PATCH];
}

const PATCH = Symbol.for('costspan.patch.v1');
type Patched = object & {
  [PATCH]?: { readonly owners: Set<PatchOwner>; readonly restore: () => void };
};

function replace(prototype: object, name: string, value: unknown): void {
  Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
}
