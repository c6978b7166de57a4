import type { Circumstance } from './overlay/overlay.ts';
import type { PriceQuery } from './price.ts';
import { isDeepSeekPeak } from './overlay/deepseek.ts';
import { canonicalProvider } from './provider-id.ts';

/** What about a call may move its price, in one vocabulary. A circumstance that is the ordinary one is absent. */
export type Circumstances = { readonly [Name in Circumstance]?: string };

/** Reads the circumstances off a query. Values nobody knows stay as they are, so that they are not priced as ordinary. */
export function circumstancesOf(query: PriceQuery): Circumstances {
  const provider = canonicalProvider(query.provider);
  const result: { -readonly [Name in Circumstance]?: string } = {};
  const set = (name: Circumstance, value: string | undefined): void => {
    if (value !== undefined && value !== '') result[name] = value;
  };
  set('tier', isBatch(query) ? 'batch' : tier(query.serviceTier));
  set('speed', ordinary(query.speed, ['standard', 'default', 'normal']));
  set('geo', ordinary(query.inferenceGeo, ['global', 'not_available']));
  set('host', regionalHost(query.serverAddress));
  set('deployment', provider.startsWith('azure.') ? deploymentType(query.deploymentType) : undefined);
  set('place', provider === 'gcp.vertex_ai' ? vertexLocation(query) : undefined);
  set('hour', provider === 'deepseek' && isDeepSeekPeak(query.at) ? 'peak' : undefined);
  return result;
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
