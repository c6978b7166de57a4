import { ConfigError, describe } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { didYouMean } from '../base/spelling.ts';
import { object, text } from '../base/read.ts';
import type { Provider } from '../providers/provider.ts';
import { addProvider } from '../providers/registry.ts';
import type { Endpoint } from './reading.ts';
import type { Wire } from './wire.ts';
import { addWire, allWires, wireNamed } from './wires.ts';

/** A provider that this package does not know, and its wire, if that is one of its own. */
export interface ProviderRegistration {
  readonly provider: Provider;
  readonly wire?: Wire;
}

/**
 * Makes a provider known in this process, to every copy of the package in it: requests to its hosts are recognised and never carry a customer, its replies
 * are read by its wires, and price lists find it under its name. It comes before the built-in ones, so a record for a
 * known provider may add hosts to it. Returns the way to take it away again.
 *
 * @throws {ConfigError} for a record or a wire that could not work.
 * @example
 * registerProvider({ provider: { name: 'acme_llm', hosts: ['llm.acme.example'], wires: ['openai'], includeUsage: true } });
 */
export function registerProvider({ provider, wire }: ProviderRegistration): () => void {
  const where = 'registerProvider';
  if (wire !== undefined) checkWire(where, wire);
  checkProvider(where, provider, wire);
  const leaves = [addProvider(provider), ...(wire === undefined ? [] : [addWire(wire)])];
  return () => {
    for (const leave of leaves) leave();
  };
}

const PROVIDER_FIELDS = [
  'name',
  'hosts',
  'localPort',
  'protects',
  'examples',
  'spellings',
  'catalogueIds',
  'wires',
  'includeUsage',
  'countsOutside',
  'reportsCost',
] as const satisfies readonly (keyof Provider)[];

const WIRE_FIELDS = [
  'name',
  'endpoints',
  'shapes',
  'requestShapes',
  'anyShape',
  'outputLimit',
  'readLine',
  'readSessionEvent',
] as const satisfies readonly (keyof Wire)[];

function checkProvider(where: string, provider: unknown, wire: Wire | undefined): void {
  const fields = object(provider);
  if (fields === undefined) {
    throw new ConfigError(
      `${where}: expected 'provider' to be a record with a name, got ${describe(provider)}.`,
    );
  }
  checkOptions(`${where}: provider`, fields, PROVIDER_FIELDS);
  if (text(fields.name) === undefined) {
    throw new ConfigError(
      `${where}: expected provider.name to be a text such as 'acme_llm', got ${describe(fields.name)}.`,
    );
  }
  for (const field of ['hosts', 'protects'] as const) {
    for (const host of listAt(where, field, fields[field])) checkHost(where, field, host);
  }
  const names = [...(wire === undefined ? [] : [wire.name]), ...allWires().map(({ name }) => name)];
  for (const name of listAt(where, 'wires', fields.wires)) {
    if (typeof name === 'string' && names.includes(name)) continue;
    throw new ConfigError(
      `${where}: provider.wires names ${describe(name)}, which no wire is called.${didYouMean(String(name), names)} Wires: ${names.join(', ')}.`,
    );
  }
}

function listAt(where: string, field: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new ConfigError(`${where}: expected provider.${field} to be a list, got ${describe(value)}.`);
}

function checkHost(where: string, field: string, host: unknown): void {
  if (host instanceof RegExp || (typeof host === 'string' && DOMAIN.test(host))) return;
  throw new ConfigError(
    `${where}: expected provider.${field} to hold domains such as 'llm.acme.example' or expressions, got ${describe(host)}. Give the domain alone, in lower case, without scheme, port or path.`,
  );
}

const DOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

function checkWire(where: string, wire: unknown): void {
  const fields = object(wire);
  const name = text(fields?.name);
  if (fields === undefined || name === undefined || !Array.isArray(fields.endpoints)) {
    throw new ConfigError(`${where}: expected 'wire' to be { name, endpoints, … }, got ${describe(wire)}.`);
  }
  checkOptions(`${where}: wire`, fields, WIRE_FIELDS);
  if (wireNamed(name) !== undefined) {
    throw new ConfigError(
      `${where}: a wire called '${name}' is there already. Name it in provider.wires, or give yours another name.`,
    );
  }
  for (const endpoint of fields.endpoints) checkEndpoint(where, endpoint);
}

function checkEndpoint(where: string, endpoint: unknown): void {
  const { method, path, operation, free, readResponse } = (object(endpoint) ?? {}) as Partial<Endpoint>;
  const isRow = (method === 'GET' || method === 'POST') && path?.startsWith('/') === true;
  if (isRow && text(operation) !== undefined && (free === true || typeof readResponse === 'function')) return;
  throw new ConfigError(
    `${where}: expected each of wire.endpoints to be { method: 'POST', path: '/…', operation, readResponse } or { …, free: true }, got ${describe(endpoint)}.`,
  );
}
