import { shared } from '../base/process.ts';
import { providerNamed } from '../providers/registry.ts';
import { anthropicWire } from './anthropic/wire.ts';
import { bedrockWire } from './bedrock/wire.ts';
import { cohereWire } from './cohere.ts';
import { matchEndpoint } from './endpoint.ts';
import { googleWire } from './google-genai/wire.ts';
import { mistralWire } from './mistral.ts';
import { ollamaWire } from './ollama.ts';
import { openaiWire } from './openai/wire.ts';
import type { Endpoint } from './reading.ts';
import { deepgramWire, elevenLabsWire } from './speech-services.ts';
import { voyageWire } from './voyage.ts';
import type { Wire } from './wire.ts';

/** Every wire that comes with the package. Of two whose shapes fit a reply, the one that stands first reads it. */
const BUILT_IN: readonly Wire[] = [
  anthropicWire,
  openaiWire,
  googleWire,
  bedrockWire,
  cohereWire,
  ollamaWire,
  deepgramWire,
  elevenLabsWire,
  mistralWire,
  voyageWire,
];

/** The wires that others copy: an unknown host may speak any of them. */
const COPIED = ['openai', 'anthropic', 'google'];

/** The wires of a provider, its own first. */
export function wiresOf(provider: string): readonly Wire[] {
  const names = providerNamed(provider)?.wires ?? COPIED;
  return names.flatMap((name) => wireNamed(name) ?? []);
}

export function wireNamed(name: string): Wire | undefined {
  return allWires().find((wire) => wire.name === name);
}

export function allWires(): readonly Wire[] {
  const { list } = registeredWires();
  if (current?.list !== list) current = { list, all: [...list, ...BUILT_IN] };
  return current.all;
}

/** The call that a request to this address makes, by the tables of the provider's wires. */
export function findEndpoint(provider: string, method: string, url: string): Endpoint | undefined {
  for (const { endpoints } of wiresOf(provider)) {
    const endpoint = matchEndpoint(endpoints, method, url);
    if (endpoint !== undefined) return endpoint;
  }
  return undefined;
}

/** The call that a provider is mostly asked for: the first that costs, in the first table of its wires. */
export function commonEndpoint(provider: string): Endpoint | undefined {
  return wiresOf(provider)[0]?.endpoints.find(({ free }) => free !== true);
}

/** Adds a wire to those that every copy of the package knows, before them; returns the way to take it away again. */
export function addWire(wire: Wire): () => void {
  const registered = registeredWires();
  registered.list = [wire, ...registered.list];
  return () => {
    registered.list = registered.list.filter((each) => each !== wire);
  };
}

/** Replaced and never changed, so that a copy sees at a glance whether what it knows is still all. */
function registeredWires(): { list: readonly Wire[] } {
  return shared('wires', () => ({ list: [] }));
}

/** All wires as they were asked for last, and the registered ones among them. */
let current: { readonly list: readonly Wire[]; readonly all: readonly Wire[] } | undefined;
