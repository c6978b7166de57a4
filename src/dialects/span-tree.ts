import { type BilledCall, deleteOldest } from './billed-calls.ts';
import type { SpanRole } from './span.ts';
import type { Verdict } from './verdict.ts';

/** A span, by its place among others. */
export interface SpanNode {
  parent?: SpanNode;
  role?: SpanRole | 'other';
  /** Started in this process and not ended. */
  isOpen: boolean;
  openChildren: number;
  /** The event of the call of our own whose span this is. */
  own?: string;
  billed?: BilledCall;
  /** What was decided about it before. */
  verdict?: Verdict;
  /** The last spans below it of which it is known who bills them. */
  readonly below: SpanNode[];
}

const MAX_DEPTH = 64;
const MAX_BELOW = 8;

/** How the spans that were seen stand to each other; the oldest are forgotten first. */
export class SpanTree {
  readonly #nodes = new Map<string, SpanNode>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The span of this key; its parent is set once, by whoever knows it first. */
  node(key: string, parentKey?: string): SpanNode {
    let node = this.#nodes.get(key);
    if (node === undefined) {
      node = { openChildren: 0, isOpen: false, below: [] };
      this.#nodes.set(key, node);
      if (this.#nodes.size > this.#most) deleteOldest(this.#nodes);
    }
    if (node.parent === undefined && parentKey !== undefined) {
      node.parent = this.node(parentKey);
      // Where spans come as they end, inner ones are decided before it is known what is above them.
      for (const below of node.below) tellAbove(below, node);
      if (node.billed !== undefined || node.verdict !== undefined) tellAbove(node, node);
    }
    return node;
  }

  started(key: string, parentKey: string | undefined): void {
    const node = this.node(key, parentKey);
    node.isOpen = true;
    if (node.parent !== undefined) node.parent.openChildren++;
  }

  ended(key: string, parentKey: string | undefined, role: SpanRole | 'other'): void {
    const node = this.node(key, parentKey);
    node.role = role;
    if (!node.isOpen) return;
    node.isOpen = false;
    if (node.parent !== undefined) node.parent.openChildren--;
  }

  /** The span has an event; those above it learn of it. */
  billed(key: string, call: BilledCall): void {
    const node = this.node(key);
    node.billed = call;
    tellAbove(node, node);
  }

  /** The span is no event: another one bills its call; those above it learn of it, too. */
  decided(node: SpanNode, verdict: Verdict): void {
    if (node.verdict === undefined) tellAbove(node, node);
    node.verdict = verdict;
  }
}

/** Whatever is above `from` learns that it is known who bills `node`. */
function tellAbove(node: SpanNode, from: SpanNode): void {
  for (const above of ancestors(from)) {
    above.below.push(node);
    if (above.below.length > MAX_BELOW) above.below.shift();
  }
}

/** The spans below one that may be the same call, as far as it is known who bills them. */
export function* callsBelow(node: SpanNode): Generator<SpanNode> {
  for (const below of node.below) {
    for (const above of callsAbove(below)) if (above === node) yield below;
  }
}

/** What is above a span and may be the same call: not beyond the agent or tool that made it. */
export function* callsAbove(node: SpanNode): Generator<SpanNode> {
  for (const above of ancestors(node)) {
    if (above.role === 'agent' || above.role === 'tool') return;
    yield above;
  }
}

function* ancestors(node: SpanNode): Generator<SpanNode> {
  let depth = 0;
  for (let above = node.parent; above !== undefined && depth < MAX_DEPTH; above = above.parent, depth++)
    yield above;
}
