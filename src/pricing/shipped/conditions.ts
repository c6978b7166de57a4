import type { Adjustment } from '../cost.ts';
import type { PriceQuery } from '../price.ts';
import type { RateCard } from '../rate-card.ts';
import type { PricedCall } from './find-model.ts';
import { byProvider, isCurrent, matchesPattern, withReference } from './lay-rows.ts';
import { isDeepSeekPeak } from './overlay/deepseek.ts';
import { CONDITION_ROWS } from './overlay/index.ts';
import type { Circumstance, ConditionRow } from './overlay/overlay.ts';
import type { ResolvedCard } from './resolve-card.ts';

/** What the circumstances of a call make of its card. */
export interface AppliedCircumstances {
  readonly card: RateCard;
  readonly adjustments: readonly Adjustment[];
  readonly notes: readonly string[];
}

/** Applies tier, speed, place and hour; a circumstance without a price leaves the call unpriced, with the reason. */
export function applyCircumstances(resolved: ResolvedCard, call: PricedCall): AppliedCircumstances | string {
  const adjustments: Adjustment[] = [];
  const notes: string[] = [];
  let { card } = resolved;
  const circumstances = Object.entries(circumstancesOf(call)) as [Circumstance, string][];
  for (const [circumstance, value] of circumstances) {
    const row = conditionRow(circumstance, value, resolved, call);
    if (row === undefined) {
      if (!MUST_BE_KNOWN.has(circumstance)) continue;
      return `no price for ${circumstance} '${value}' of ${card.reference.id}`;
    }
    if (row.unpriced !== undefined) return row.unpriced;
    if (row.note !== undefined) notes.push(row.note);
    card = withReference(card, row);
    if (row.rates !== undefined) card = { ...card, rates: { ...card.rates, ...row.rates } };
    if (row.factor !== undefined && row.factor !== '1') {
      const name = circumstance === 'tier' ? value : `${circumstance}:${value}`;
      const { factor, meters } = row;
      adjustments.push(meters === undefined ? { name, factor } : { name, factor, meters });
    }
  }
  return { card, adjustments, notes };
}

const ROWS = byProvider(CONDITION_ROWS);

function conditionRow(
  circumstance: Circumstance,
  value: string,
  resolved: ResolvedCard,
  call: PricedCall,
): ConditionRow | undefined {
  return conditionRows(resolved, call).find(
    (row) => row.circumstance === circumstance && row.value === value,
  );
}

/** What is known about the circumstances of a model's calls at this time. */
export function conditionRows({ names }: ResolvedCard, call: PricedCall): readonly ConditionRow[] {
  return (ROWS.get(call.provider) ?? []).filter(
    (row) =>
      (row.models ?? ['*']).some((pattern) => names.some((name) => matchesPattern(pattern, name))) &&
      isCurrent(row, call),
  );
}

/** A tier or speed without a price of its own is no ordinary call; a place or host without one is. */
const MUST_BE_KNOWN: ReadonlySet<Circumstance> = new Set(['tier', 'speed', 'geo', 'deployment']);

/** What about a call may move its price, in one vocabulary. A circumstance that is the ordinary one is absent. */
type Circumstances = { readonly [Name in Circumstance]?: string };

/** Reads the circumstances off a call. Unknown values stay as they are, so that they are not priced as ordinary. */
function circumstancesOf({ provider, query }: PricedCall): Circumstances {
  const result: { -readonly [Name in Circumstance]?: string } = {};
  const set = (name: Circumstance, value: string | undefined): void => {
    if (value !== undefined && value !== '') result[name] = value;
  };
  set('tier', tierOf(query));
  set('speed', ordinary(query.speed, ['standard', 'default', 'normal']));
  set('geo', ordinary(query.inferenceGeo, ['global', 'not_available']));
  set('host', regionalHost(query.serverAddress));
  set('deployment', provider.startsWith('azure.') ? deploymentType(query.deploymentType) : undefined);
  set('place', provider === 'gcp.vertex_ai' ? vertexLocation(query) : undefined);
  set('hour', provider === 'deepseek' && isDeepSeekPeak(query.at) ? 'peak' : undefined);
  return result;
}

/** The tier that served the call, `batch` among them; undefined for the ordinary one. */
export function tierOf(query: PriceQuery): string | undefined {
  const name = isBatch(query) ? 'batch' : tier(query.serviceTier);
  return name === '' ? undefined : name;
}

/** Azure's batch deployments (`GlobalBatch`, `DataZoneBatch`) say it in their type. */
function isBatch({ batch, deploymentType }: PriceQuery): boolean {
  return batch === true || /batch$/i.test(deploymentType ?? '');
}

/** The spellings of a tier on the wires of OpenAI, Anthropic, Google, Bedrock, Groq and Azure. */
const TIERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    default: '',
    auto: '',
    standard: '',
    standard_only: '',
    on_demand: '',
    'on-demand': '',
    ondemand: '',
    traffic_type_unspecified: '',
    unspecified: '',
    priority: 'priority',
    fast: 'priority',
    on_demand_priority: 'priority',
    flex: 'flex',
    on_demand_flex: 'flex',
    batch: 'batch',
    provisioned_throughput: 'provisioned',
    reserved: 'provisioned',
  }),
);

function tier(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const name = value
    .trim()
    .toLowerCase()
    .replace(/^service_tier_/, ''); // Gemini's enum names
  return TIERS.get(name) ?? name;
}

function ordinary(value: string | undefined, names: readonly string[]): string | undefined {
  const name = value?.trim().toLowerCase();
  return name === undefined || names.includes(name) ? undefined : name;
}

/** `eu.api.openai.com` → `eu`. */
function regionalHost(address: string | undefined): string | undefined {
  const host = address
    ?.toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/:].*$/, '');
  return host === undefined ? undefined : /^([a-z]{2}(?:-[a-z]+-\d)?)\.api\./.exec(host)?.[1];
}

/** `DataZoneStandard`, `data_zone`, `Global Batch`, `Provisioned Managed` → one word; unknown types stay unknown. */
function deploymentType(value: string | undefined): string | undefined {
  const name = value?.toLowerCase().replaceAll(/[\s_-]/g, '');
  if (name === undefined || name === '' || name.startsWith('global')) return undefined;
  if (name.includes('provisioned') || name === 'ptu') return 'provisioned';
  if (name.startsWith('datazone')) return 'datazone';
  return name.startsWith('regional') || name === 'standard' ? 'regional' : name;
}

function vertexLocation(query: PriceQuery): string | undefined {
  const fromHost = /^([a-z]+-[a-z]+\d+|us|eu)-aiplatform\./.exec(
    query.serverAddress?.toLowerCase() ?? '',
  )?.[1];
  const multiRegion = /^aiplatform\.(us|eu)\.rep\./.exec(query.serverAddress?.toLowerCase() ?? '')?.[1];
  const location = (query.region ?? fromHost ?? multiRegion)?.toLowerCase();
  return location === undefined || location === 'global' ? undefined : 'regional';
}
