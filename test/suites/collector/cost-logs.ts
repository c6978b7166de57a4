import { setTimeout as sleep } from 'node:timers/promises';

/** The attributes of a cost log, flat; integers as numbers. */
export type OtlpAttributes = Readonly<Record<string, string | number>>;

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
}

/** OTLP's JSON attributes, flat. */
export function attributes(
  list: readonly { readonly key: string; readonly value: OtlpValue }[],
): OtlpAttributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));
}

const CUSTOMERS = ['acme_corp', 'globex', 'initech', 'umbrella'];
const MODELS = ['gpt-4o-2024-08-06', 'claude-sonnet-4-5'];

/** A made-up event, always the same for a number: four customers, two models, costs of up to 18 decimals. */
export function costAttributes(index: number): OtlpAttributes {
  const input = 1000 + (index % 97);
  const unpriced = index % 50 === 49;
  return {
    'costspan.event.id': `019aa1c2-0000-7000-8000-${index.toString(16).padStart(12, '0')}`,
    'costspan.customer': CUSTOMERS[index % 4]!,
    'costspan.context.feature': index % 3 === 0 ? 'chat' : 'search',
    'costspan.cost.status': unpriced ? 'unpriced' : 'priced',
    ...(unpriced
      ? {}
      : {
          'costspan.cost.amount': `0.00${input}${(index % 7) + 1}00000000${(index % 9) + 1}`,
          'costspan.cost.currency': 'USD',
        }),
    'gen_ai.provider.name': index % 2 === 0 ? 'openai' : 'anthropic',
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.model': MODELS[index % 2]!,
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': 100 + (index % 11),
  };
}

/** OTLP's JSON for log records with these attributes. */
export function logsRequest(events: readonly OtlpAttributes[]): string {
  const logRecords = events.map((event) => ({
    timeUnixNano: '1795255200123000000',
    eventName: 'costspan.cost',
    severityNumber: 9,
    body: { stringValue: JSON.stringify({ id: event['costspan.event.id'], schema_version: 1 }) },
    attributes: Object.entries(event).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    })),
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'support-api' } }] };
  return JSON.stringify({
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'costspan' }, logRecords }] }],
  });
}

/** Posts until it is accepted, as every sender that must not lose anything does. */
export async function post(url: string, body: string, retryMs = 100): Promise<void> {
  for (;;) {
    try {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(10_000),
      });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // Not there at the moment; the loop asks again.
    }
    await sleep(retryMs);
  }
}

const SCALE = 30;

/** The exact sum of decimal strings; a cost that is absent adds nothing. */
export function sumOfCosts(events: Iterable<OtlpAttributes>): string {
  let total = 0n;
  for (const { 'costspan.cost.amount': cost } of events) {
    if (cost === undefined) continue;
    const [whole = '0', fraction = ''] = String(cost).split('.');
    total += BigInt(whole + fraction.padEnd(SCALE, '0'));
  }
  const digits = total.toString().padStart(SCALE + 1, '0');
  return `${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`.replace(/\.?0+$/, '');
}

/** Resolves when the condition holds; rejects, saying what was waited for and how things stand, after two minutes. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  state: () => unknown = () => undefined,
): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`waited two minutes for: ${what} ${JSON.stringify(state()) ?? ''}`);
    await sleep(50);
  }
}
