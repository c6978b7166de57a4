import { copyContext } from '../attribution/context-values.ts';
import { ConfigError, describe } from '../base/errors.ts';
import { didYouMean } from '../base/spelling.ts';
import { parseDecimal } from '../base/decimal.ts';
import { type JsonObject, object } from '../base/read.ts';
import { ALL_QUANTITIES } from '../usage/quantities.ts';
import { type CostEvent, createCostEvent, isCostEvent, SCHEMA_VERSION } from './cost-event.ts';
import { EVENT, EVENT_FIELDS } from './event-json.ts';

/**
 * A cost event from whatever was given for one: an event, an object of its fields (`{ ...event, customer: 'b' }`), or
 * its JSON form.
 *
 * @throws {ConfigError} saying which field is wrong, what was expected, and the nearest name of one that is unknown.
 */
export function costEventFrom(given: unknown): CostEvent {
  if (isCostEvent(given)) return given;
  const value = object(given);
  if (value === undefined) refuse(`expected an event, got ${describe(given)}`);
  // An event that another copy of this package made.
  const plain = typeof value.toJSON === 'function' ? (object(value.toJSON()) ?? {}) : value;
  const fields = isJsonForm(plain) ? fromJson(plain) : fromFields(plain);
  checkFields(fields);
  const event = { ...fields, context: copyContext(fields.context) };
  return createCostEvent(event as unknown as CostEvent);
}

function isJsonForm(value: JsonObject): boolean {
  return 'schema_version' in value || typeof value.timestamp === 'string' || 'usage_source' in value;
}

function fromJson(json: JsonObject): JsonObject {
  const { schema_version: version = SCHEMA_VERSION, ...rest } = json;
  if (version !== SCHEMA_VERSION)
    refuse(
      `expected schema_version ${SCHEMA_VERSION}, got ${describe(version)}. Update the costspan package`,
    );
  refuseUnknown(rest, JSON_KEYS);
  return { ...DEFAULTS, ...(EVENT.read(rest) as unknown as JsonObject) };
}

function fromFields(fields: JsonObject): JsonObject {
  refuseUnknown(fields, NAMES);
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}

const NAMES: readonly string[] = Object.keys(EVENT_FIELDS);
const JSON_KEYS: readonly string[] = Object.values(EVENT_FIELDS).map((field) =>
  typeof field === 'string' ? field : field.key,
);

/** What most events say; the rest must be given. */
const DEFAULTS: JsonObject = {
  kind: 'usage',
  customer: null,
  context: {},
  stream: false,
  status: 'ok',
  retries: 0,
  usage: {},
  usageSource: 'provider',
};

type Rule = readonly [expected: string, accepts: (value: unknown) => boolean];

const TEXT: Rule = ['a non-empty text', (value) => typeof value === 'string' && value !== ''];
const OBJECT: Rule = ['an object', (value) => object(value) !== undefined];
const COUNT: Rule = ['a number ≥ 0', (value) => typeof value === 'number' && value >= 0 && value < Infinity];
const oneOf = (...values: readonly string[]): Rule => [
  `one of ${values.join(', ')}`,
  (value) => values.includes(value as string),
];

const REQUIRED: Readonly<Record<string, Rule>> = {
  id: TEXT,
  kind: oneOf('usage', 'adjustment', 'denied'),
  timestamp: [
    'a valid Date, or ISO text in the JSON form',
    (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  ],
  customer: ['a non-empty text or null', (value) => value === null || TEXT[1](value)],
  context: OBJECT,
  provider: TEXT,
  operation: TEXT,
  stream: ['true or false', (value) => typeof value === 'boolean'],
  status: oneOf('ok', 'error', 'aborted', 'partial'),
  retries: COUNT,
  usage: OBJECT,
  usageSource: oneOf('provider', 'estimated', 'none'),
  cost: OBJECT,
};

const OPTIONAL: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      'adjusts',
      'attributionSource',
      'callSite',
      'requestModel',
      'responseModel',
      'responseId',
      'requestId',
    ].map((name) => [name, TEXT]),
  ),
  ...Object.fromEntries(
    ['batchId', 'serviceTier', 'serverAddress', 'errorType', 'traceId', 'spanId', 'service'].map((name) => [
      name,
      TEXT,
    ]),
  ),
  durationMs: COUNT,
  timeToFirstTokenMs: COUNT,
  finishReasons: ['a list of texts', (value) => Array.isArray(value)],
  usageRaw: OBJECT,
  charge: OBJECT,
  priceInputs: OBJECT,
};

function checkFields(fields: JsonObject): void {
  for (const [name, rule] of Object.entries(REQUIRED)) check(name, fields[name], rule);
  for (const [name, rule] of Object.entries(OPTIONAL)) {
    if (fields[name] !== undefined) check(name, fields[name], rule);
  }
  if (fields.kind === 'adjustment') check('adjusts', fields.adjusts, TEXT);
  checkUsage(object(fields.usage) ?? {});
  checkCost(object(fields.cost) ?? {});
}

function checkUsage(usage: JsonObject): void {
  const known = ALL_QUANTITIES.map(({ name }) => name);
  for (const [name, quantity] of Object.entries(usage)) {
    if (name === 'iterations') continue;
    if (!(known as readonly string[]).includes(name))
      refuse(`unknown quantity 'usage.${name}'.${didYouMean(name, known)}`);
    if (quantity !== undefined) check(`usage.${name}`, quantity, COUNT);
  }
}

function checkCost(cost: JsonObject): void {
  check('cost.status', cost.status, oneOf('priced', 'free', 'unpriced'));
  check('cost.lineItems', cost.lineItems, ['a list of line items', Array.isArray]);
  if (cost.status === 'unpriced')
    return check('cost.amount', cost.amount, ['absent when unpriced', (value) => value === undefined]);
  check('cost.amount', cost.amount, ["a decimal as text, like '0.0035'", isDecimal]);
  check('cost.currency', cost.currency, ["a currency, like 'USD'", TEXT[1]]);
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && parseDecimal(value) !== undefined;
}

function check(name: string, value: unknown, [expected, accepts]: Rule): void {
  if (!accepts(value)) refuse(`expected '${name}' to be ${expected}, got ${describe(value)}`);
}

function refuseUnknown(given: JsonObject, names: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!names.includes(name)) refuse(`unknown field '${name}'.${didYouMean(name, names)}`);
}

function refuse(reason: string): never {
  throw new ConfigError(`This is no cost event: ${reason}${/[.?]$/.test(reason) ? '' : '.'}`);
}
