import { Command } from 'commander';
import { ConfigError } from '../base/errors.ts';
import { known } from '../base/read.ts';
import { checkPriceFile } from '../pricing/own/check-price-file.ts';
import {
  findProviders,
  listModels,
  type ModelPrices,
  nearestModel,
  type PriceCondition,
  readPrices,
} from '../pricing/shipped/list-prices.ts';
import type { PriceFile } from '../pricing/own/price-file.ts';
import type { PriceSource, Rate } from '../pricing/rate-card.ts';
import { parsePriceFile, readPriceFile } from '../metering/read-price-file.ts';
import { printable } from '../reports/labels.ts';
import { writeWhole } from '../reports/whole-file.ts';
import { unpricedGroups } from '../reports/unpriced.ts';
import { argument, type CliOutput, dbOption } from './command.ts';
import { addFilterOptions, filterOf, type FilterOptions } from './filter-options.ts';
import { withLedger } from './with-ledger.ts';
import { parseTime } from '../reports/parse-time.ts';

/** `costspan prices …`: what things cost, offline. */
export function pricesCommand(output: CliOutput): Command {
  return new Command('prices')
    .description('what models cost; offline unless you ask for an update')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan prices show gpt-4o\n  costspan prices list --provider anthropic\n  costspan prices missing --db costs.db\n',
    )
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
    .action((model: string, { provider, at, json }: ShowOptions) => {
      const found = pricesOf(model, known({ provider, at }));
      for (const { provider: owner, prices } of found) {
        stdout.write(
          json === true
            ? `${JSON.stringify({ provider: owner, model, ...prices })}\n`
            : `${describePrices(owner, model, prices)}\n`,
        );
      }
    });
}

/**
 * The prices of a model at every provider that sells it, or at one.
 *
 * @throws {ConfigError} for a model that no price list knows.
 */
export function pricesOf(
  model: string,
  { provider, at = new Date() }: { readonly provider?: string; readonly at?: Date } = {},
): readonly { readonly provider: string; readonly prices: ModelPrices }[] {
  const providers = provider === undefined ? findProviders(model, at) : [provider];
  const found = providers.flatMap((owner) => {
    const prices = readPrices(owner, model, at);
    return prices === undefined ? [] : [{ provider: owner, prices }];
  });
  if (found.length > 0) return found;
  throw new ConfigError(
    `No price list knows ${provider === undefined ? '' : `${provider}/`}${model}. ` +
      `costspan prices list shows what there is; costspan.prices.yaml can add it.${nearestModel(model, provider)}`,
  );
}

export function describePrices(provider: string, model: string, prices: ModelPrices): string {
  const { price, currency, rates, free, notes = {}, conditions } = prices;
  const from = price.validFrom === undefined ? '' : `, from ${price.validFrom}`;
  const until = price.validTo === undefined ? '' : ` until ${price.validTo}`;
  return [
    `${provider}  ${model}  (${price.id} in ${price.list}${from}${until})`,
    ...(free === undefined ? [] : [`  free: ${free}`]),
    ...aligned(Object.entries(rates).map(([meter, rate]) => [meter, describeRate(rate, currency)])),
    ...Object.entries(notes).map(([meter, note]) => `  ${meter}: ${note}`),
    ...(conditions.length === 0 ? [] : ['  changed by']),
    ...aligned(
      conditions.map((each) => [`  ${each.circumstance} ${each.value}`, describeCondition(each, currency)]),
    ),
    '  read from',
    ...aligned(
      distinctSources(prices).map(({ asOf, source, list }) => [`  ${asOf}`, `${source}  (${list})`]),
    ),
    '',
  ].join('\n');
}

function aligned(lines: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, rest]) => `  ${name.padEnd(width)}  ${rest}`);
}

function distinctSources({ sources, conditions }: ModelPrices): readonly PriceSource[] {
  return [
    ...new Map([...sources, ...conditions].map((each) => [`${each.asOf} ${each.source}`, each])).values(),
  ];
}

function describeCondition(condition: PriceCondition, currency: string): string {
  const { factor, meters, rates = {}, unpriced, note } = condition;
  const prices = Object.entries(rates).map(([meter, rate]) => `${meter} ${describeRate(rate, currency)}`);
  const times =
    factor === undefined ? [] : [`× ${factor}${meters === undefined ? '' : ` on ${meters.join(', ')}`}`];
  return [...times, ...prices, ...[unpriced, note].filter((text) => text !== undefined)].join('; ');
}

function describeRate({ price, per, minimum, longContext = [] }: Rate, currency: string): string {
  const unit = per === '1' ? 'each' : `per ${per}`;
  const least = minimum === undefined ? '' : `, at least ${minimum}`;
  const steps = longContext.map((step) => `; ${step.price} above ${step.above} input tokens`);
  return `${currency} ${price} ${unit}${least}${steps.join('')}`;
}

interface MissingOptions extends FilterOptions {
  readonly db: string;
  readonly json?: true;
}

function missingCommand({ stdout }: CliOutput): Command {
  const command = new Command('missing')
    .description('what calls in the ledger have no price, and why')
    .addOption(dbOption());
  return addFilterOptions(command)
    .option('--json', 'one JSON object per model and reason')
    .action(async (options: MissingOptions) => {
      const groups = await withLedger(options.db, (ledger) => unpricedGroups(ledger, filterOf(options)));
      for (const group of groups) {
        const { events, provider, model = '(no model)', reason } = group;
        stdout.write(
          options.json === true
            ? `${JSON.stringify(group)}\n`
            : `${printable(`${events}  ${provider}  ${model}  ${reason}`)}\n`,
        );
      }
      if (groups.length === 0 && options.json !== true) stdout.write('Every call has a price.\n');
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
      writeWhole(to, `${JSON.stringify(file, undefined, 2)}\n`);
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
