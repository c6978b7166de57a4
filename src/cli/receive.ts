import { Command, Option } from 'commander';
import { fromEnvironment } from '../base/environment.ts';
import { ConfigError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import { known } from '../base/read.ts';
import type { SpanAttributes } from '../dialects/span-attribution.ts';
import type { CostEventSink } from '../delivery/sink.ts';
import { SqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts';
import { userPrices } from '../metering/user-prices.ts';
import { createOtlpReceiver, type OtlpReceiver, type ReceiverHealth } from '../receiver/receiver.ts';
import { serve } from '../receiver/serve.ts';
import { HttpSink } from '../sinks/http.ts';
import { type CliOutput, dbOption } from './command.ts';
import { hostOption, listening, type Place, portOption, untilStopped } from './listen.ts';

interface ReceiveOptions extends Place {
  readonly db: string;
  readonly token?: string;
  readonly forward?: string;
  readonly prices?: string;
  readonly customer?: readonly string[];
  readonly context?: readonly string[];
  readonly fsync?: true;
}

/** `costspan receive`: takes spans over OTLP/HTTP, from any language or a collector, until it is told to stop. */
export function receiveCommand({ stdout, stderr }: CliOutput): Command {
  return new Command('receive')
    .description('take spans over OTLP/HTTP, from any language, and keep what their model calls cost')
    .addHelpText(
      'after',
      '\nExamples:\n  costspan receive --db costs.db\n  costspan receive --host 0.0.0.0 --token "$TOKEN" --customer tenant.id --context session.id\n',
    )
    .addOption(dbOption())
    .addOption(portOption(4318))
    .addOption(hostOption())
    .addOption(
      new Option('--token <token>', 'the bearer token that senders must carry; several: a,b').env(
        'COSTSPAN_RECEIVE_TOKEN',
      ),
    )
    .option('--forward <url>', 'also post the events there; its token is in COSTSPAN_FORWARD_TOKEN')
    .option('--prices <file>', 'your own price file (costspan.prices.yaml)')
    .option('--customer <attribute...>', 'span attributes that name the customer: user.id')
    .option('--context <attribute...>', 'span attributes that are kept as context: session.id')
    .option('--fsync', 'acknowledge only what a power cut would not take')
    .action(async (options: ReceiveOptions) => {
      const receiver = createReceiver(options);
      const served = await listening(serve(receiver, options), options).catch(async (error: unknown) => {
        await receiver.shutdown();
        throw error;
      });
      stdout.write(`listening on ${served.url}/v1/traces\nledger ${options.db}\n`);
      await untilStopped();
      await served.close();
      await receiver.shutdown();
      stderr.write(`${summary(receiver.health())}\n`);
    });
}

function createReceiver(options: ReceiveOptions): OtlpReceiver {
  const { db, token, forward, prices, fsync, customer, context } = options;
  const tokens = token?.split(',').map((each) => each.trim());
  if (tokens === undefined && !isLoopback(options.host)) {
    throw new ConfigError(
      `On ${options.host} anybody could send. Give --token, or COSTSPAN_RECEIVE_TOKEN, or listen on 127.0.0.1.`,
    );
  }
  // A request is answered after its flush: one commit for all that it brought.
  const ledger = new SqliteLedger({ path: db, durability: 'batch', ...known({ fsync }) });
  const sinks: CostEventSink[] = [ledger];
  if (forward !== undefined) {
    const tokenEnv = fromEnvironment('COSTSPAN_FORWARD_TOKEN') && 'COSTSPAN_FORWARD_TOKEN';
    sinks.push(new HttpSink({ url: forward, name: 'forward', ...known({ tokenEnv }) }));
  }
  const spanAttributes: SpanAttributes = known({ customer, context });
  return createOtlpReceiver({
    sinks,
    spanAttributes,
    ...known({ tokens, prices: prices === undefined ? undefined : userPrices(prices) }),
  });
}

function summary({ requests, spans, events, suppressed, sinks }: ReceiverHealth): string {
  const others = Object.values(suppressed).reduce((sum, count) => sum + count, 0);
  const left = sinks.reduce((sum, { pending }) => sum + pending, 0);
  return `${requests} requests, ${spans} spans, ${events} events, ${others} spans suppressed, ${left} events not yet forwarded`;
}
