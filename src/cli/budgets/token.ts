import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { ConfigError, messageOf } from '../../base/errors.ts';
import { known } from '../../base/read.ts';
import { signLimits } from '../../budgets/limit-token.ts';
import { reachedLimits } from '../../budgets/reached-limits.ts';
import { type CliOutput, dbOption } from '../command.ts';
import { withLedger } from '../with-ledger.ts';
import { budgetsOf, budgetStates } from './standing.ts';

/** `costspan budgets token`: what processes without the ledger go by. */
export function tokenCommand({ stdout }: CliOutput): Command {
  return new Command('token')
    .description('sign the limits that are reached, for processes that cannot ask the ledger (remoteLimits)')
    .addOption(dbOption())
    .addOption(
      new Option('--key <path>', 'the private key, Ed25519 as PEM: openssl genpkey -algorithm ed25519')
        .env('COSTSPAN_LIMITS_KEY')
        .makeOptionMandatory(),
    )
    .option('--key-id <id>', 'which key it is, for receivers that know several; default: its fingerprint')
    .option('--audience <name>', 'for whom it is; default: costspan')
    .option('--expires <duration>', 'how long it counts: 90s, 15m, 12h', '5m')
    .option('--file <path>', 'with the budgets of this file: costspan.budgets.yaml')
    .action(async ({ db, file, key, keyId, audience, expires }: TokenOptions) => {
      const privateKey = readKey(key);
      const reached = await withLedger(db, async (ledger) => {
        const budgets = await budgetsOf(ledger, file);
        return reachedLimits(budgets, await budgetStates(ledger, {}, budgets));
      });
      const expiresInMs = durationOf(expires);
      stdout.write(`${signLimits(reached, { privateKey, expiresInMs, ...known({ keyId, audience }) })}\n`);
    });
}

interface TokenOptions {
  readonly db: string;
  readonly file?: string;
  readonly key: string;
  readonly keyId?: string;
  readonly audience?: string;
  readonly expires: string;
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ConfigError(`--key: cannot read ${path}: ${reason}`, { cause });
  }
}

function durationOf(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * ({ s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 0);
  if (ms > 0) return ms;
  throw new ConfigError(`--expires: expected a duration such as 90s, 15m or 12h, got '${text}'.`);
}
