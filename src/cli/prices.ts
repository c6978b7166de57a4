import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import { checkPriceFile } from '../pricing/check-price-file.ts';
import { findProviders, listModels, type ModelPrices, readPrices } from '../pricing/list-prices.ts';
import type { PriceFile } from '../pricing/price-file.ts';
import type { Rate } from '../pricing/rate-card.ts';
import { parsePriceFile, readPriceFile } from '../metering/read-price-file.ts';
import { printable } from '../reports/labels.ts';
import {
  addPeriodOptions,
  argument,
  type CliOutput,
  dbOption,
  periodOf,
  type PeriodOptions,
} from './command.ts';
import { withLedger } from './ledger.ts';
import { parseTime } from './time.ts';

/** `costspan prices …`: what things cost, offline. */
export function pricesCommand(output: CliOutput): Command {
  return new Command('prices')
    .description('what models cost; offline unless you ask for an update')
    .addCommand(listCommand(output))
    .addCommand(showCommand(output))
    .addCommand(missingCommand(output))
    .addCommand(updateCommand(output));
}

function listCommand({ stdout }: CliOutput): Command {
  return new Command('list')
    .description('every model with a known price')
    .option('--provider <provider>', 'models of this provider')
    .option('--json', 'one JSON object per model')
    .action(({ provider, json }: { provider?: string; json?: true }) => {
      for (const entry of listModels(provider)) {
        stdout.write(`${json === true ? JSON.stringify(entry) : `${entry.provider}  ${entry.model}`}\n`);
      }
    });
}

interface ShowOptions {
  readonly provider?: string;
  readonly at?: Date;
  readonly json?: true;
}

function showCommand({ stdout }: CliOutput): Command {
  return new Command('show')
    .description('the prices of a model, at every provider that sells it')
    .argument('<model>', 'as requests or replies name it')
    .option('--provider <provider>', 'at this provider only')
    .option('--at <time>', 'at this time; default: now', argument(parseTime))
    .option('--json', 'one JSON object per provider')
    .action((model: string, { provider, at = new Date(), json }: ShowOptions) => {
      const providers = provider === undefined ? findProviders(model, at) : [provider];
      const found = providers.flatMap((owner) => {
        const prices = readPrices(owner, model, at);
        return prices === undefined ? [] : [{ provider: owner, prices }];
      });
      if (found.length === 0) {
        throw new ConfigError(
          `No price list knows ${provider === undefined ? '' : `${provider}/`}${model}. ` +
            `costspan prices list shows what there is; costspan.prices.yaml can add it.`,
        );
      }
      for (const { provider: owner, prices } of found) {
        stdout.write(
          json === true
            ? `${JSON.stringify({ provider: owner, model, ...prices })}\n`
            : `${describePrices(owner, model, prices)}\n`,
        );
      }
    });
}

function describePrices(
  provider: string,
  model: string,
  { price, currency, rates, free }: ModelPrices,
): string {
  const from = price.validFrom === undefined ? '' : `, from ${price.validFrom}`;
  const until = price.validTo === undefined ? '' : ` until ${price.validTo}`;
  const heading = `${provider}  ${model}  (${price.id} in ${price.list}${from}${until})`;
  if (free !== undefined) return `${heading}\n  free: ${free}\n`;
  const entries = Object.entries(rates);
  const width = Math.max(...entries.map(([meter]) => meter.length));
  const lines = entries.map(([meter, rate]) => `  ${meter.padEnd(width)}  ${describeRate(rate, currency)}`);
  return `${heading}\n${lines.join('\n')}\n`;
}

function describeRate({ price, per, longContext = [] }: Rate, currency: string): string {
  const unit = per === '1' ? 'each' : `per ${per}`;
  const steps = longContext.map((step) => `; ${step.price} above ${step.above} input tokens`);
  return `${currency} ${price} ${unit}${steps.join('')}`;
}

interface MissingOptions extends PeriodOptions {
  readonly db: string;
  readonly json?: true;
}

function missingCommand({ stdout }: CliOutput): Command {
  const command = new Command('missing')
    .description('what calls in the ledger have no price, and why')
    .addOption(dbOption());
  return addPeriodOptions(command)
    .option('--json', 'one JSON object per model and reason')
    .action(async (options: MissingOptions) => {
      const groups = new Map<string, { provider: string; model: string; reason: string; events: number }>();
      await withLedger(options.db, async (ledger) => {
        const priced = new Set<string>();
        const unpriced = [];
        for await (const event of ledger.events(periodOf(options))) {
          if (event.adjusts !== undefined) priced.add(event.adjusts);
          else if (event.cost.status === 'unpriced') unpriced.push(event);
        }
        for (const event of unpriced) {
          if (priced.has(event.id)) continue;
          const model = event.responseModel ?? event.requestModel ?? '(no model)';
          const reason = event.cost.reason ?? 'unknown';
          const key = JSON.stringify([event.provider, model, reason]);
          const group = groups.get(key) ?? { provider: event.provider, model, reason, events: 0 };
          groups.set(key, { ...group, events: group.events + 1 });
        }
      });
      const sorted = [...groups.values()].toSorted((a, b) => b.events - a.events);
      for (const group of sorted) {
        stdout.write(
          options.json === true
            ? `${JSON.stringify(group)}\n`
            : `${printable(`${group.events}  ${group.provider}  ${group.model}  ${group.reason}`)}\n`,
        );
      }
      if (sorted.length === 0 && options.json !== true) stdout.write('Every call has a price.\n');
    });
}

interface UpdateOptions {
  readonly from: string;
  readonly to: string;
}

function updateCommand({ stdout }: CliOutput): Command {
  return new Command('update')
    .description(
      'fetch a price file you name, check it and keep it; the only command that may use the network',
    )
    .requiredOption('--from <file-or-url>', 'the price file: a path, or an http(s) address')
    .option('--to <file>', 'where to keep it', 'costspan.prices.json')
    .action(async ({ from, to }: UpdateOptions) => {
      const file = checkPriceFile(from, await fetchPriceFile(from));
      writeFileSync(to, `${JSON.stringify(file, undefined, 2)}\n`);
      stdout.write(`Kept ${from} in ${to}: ${describeFile(file)}.\n`);
    });
}

async function fetchPriceFile(from: string): Promise<unknown> {
  if (!/^https?:\/\//.test(from)) return readPriceFile(from);
  const response = await fetch(from);
  if (!response.ok) throw new ConfigError(`${from} answered ${response.status}; nothing was changed.`);
  return parsePriceFile(new URL(from).pathname, await response.text());
}

function describeFile(file: PriceFile): string {
  const parts = [
    ['models', file.models],
    ['aliases', file.aliases],
    ['discounts', file.discounts],
    ['services', file.services],
    ['rate cards', file.rateCards],
  ] as const;
  return parts.map(([name, entries = []]) => `${entries.length} ${name}`).join(', ');
}
