/**
 * What every copy of this package in the process shares: ESM beside CommonJS, one version beside another, a bundled
 * copy beside an installed one. There is one slot, and each room keeps its own part of it.
 *
 * The layout has a version in its name: a copy that needs another one does not meddle with ours.
 */
export function shared<Part extends object>(name: string, make: () => Part): Part {
  const holder = globalThis as { [SLOT]?: Map<string, object> };
  const parts = (holder[SLOT] ??= new Map());
  let part = parts.get(name);
  if (part === undefined) {
    part = make();
    parts.set(name, part);
  }
  return part as Part; // made by `make` here, or by the same line of another copy
}

/** Adds a member to a list that the process shares, and returns the way out. Leaving twice is leaving once. */
export function join<Member>(members: Member[], member: Member): () => void {
  let joined = true;
  members.push(member);
  return () => {
    if (!joined) return;
    joined = false;
    members.splice(members.lastIndexOf(member), 1);
  };
}

const SLOT = Symbol.for('costspan.process.v1');
