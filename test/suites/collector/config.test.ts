import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { noCollector, root, runCollector, whyNot } from './collector.ts';

/** Each configuration a user would start, as the list of files it consists of. */
const CONFIGURATIONS: readonly (readonly string[])[] = [
  ['collector-config.yaml'],
  ['collector-config.yaml', 'examples/collector/http.yaml'],
  ['collector-config.yaml', 'examples/collector/debug.yaml'],
  ['examples/collector/agent.yaml'],
];

describe.skipIf(noCollector)(`the configurations${whyNot}`, () => {
  test('cover every file in examples/collector', () => {
    const files = readdirSync(`${root}examples/collector`).filter((name) => name.endsWith('.yaml'));
    const used = new Set(CONFIGURATIONS.flat().map((path) => path.split('/').at(-1)));
    expect(files.filter((name) => !used.has(name))).toEqual(['builder.yaml']);
  });

  test.each(CONFIGURATIONS.map((files) => [files.join(' + '), files] as const))(
    'are valid: %s',
    (_, files) => {
      const { status, stderr } = runCollector('validate', ...asFlags(files));
      expect(stderr).toBe('');
      expect(status).toBe(0);
    },
  );

  test.each(CONFIGURATIONS.map((files) => [files.join(' + '), files] as const))(
    'lose no cost event by configuration: %s',
    (_, files) => {
      const config = resolved(files);
      const cost = config.service.pipelines['logs/cost'];
      expect(cost?.processors).toEqual(['memory_limiter', 'filter/cost']);
      const durable = (cost?.exporters ?? []).filter(
        (name) => name !== 'signal_to_metrics' && name !== 'debug',
      );
      expect(durable.length > 0).toBe(!files.includes('examples/collector/debug.yaml'));
      for (const name of durable) {
        expect({ name, ...config.exporters[name] }).toMatchObject({
          // 0 = never gives up
          retry_on_failure: { enabled: true, max_elapsed_time: 0 },
          sending_queue: { storage: 'file_storage', block_on_overflow: true },
        });
        // Batches are made behind the queue, where a kill cannot reach them.
        expect(config.exporters[name]?.sending_queue?.batch).toBeTruthy();
      }
      expect(config.extensions['file_storage']).toMatchObject({ fsync: true });
    },
  );

  test.each(CONFIGURATIONS.map((files) => [files.join(' + '), files] as const))(
    'fill no durable queue from a receiver that may start before it: %s',
    (_, files) => {
      const {
        exporters,
        service: { pipelines },
      } = resolved(files);
      const signalsOf = (receiver: string): ReadonlySet<string | undefined> =>
        new Set(
          Object.entries(pipelines).flatMap(([name, { receivers }]) =>
            receivers.includes(receiver) ? name.split('/')[0] : [],
          ),
        );
      const durable = Object.values(pipelines).filter((pipeline) =>
        pipeline.exporters.some((name) => typeof exporters[name]?.sending_queue?.storage === 'string'),
      );
      expect(durable.length).toBeGreaterThan(0);
      for (const receiver of durable.flatMap(({ receivers }) => receivers)) {
        expect({ receiver, signals: signalsOf(receiver).size }).toEqual({ receiver, signals: 1 });
      }
    },
  );

  test('lose no span on its way to costspan receive', () => {
    const { exporters, service } = resolved(['collector-config.yaml']);
    expect(service.pipelines['traces/cost']?.processors).toEqual(['memory_limiter']);
    expect(exporters['otlp_http/costspan']).toMatchObject({
      retry_on_failure: { enabled: true, max_elapsed_time: 0 },
      sending_queue: { storage: 'file_storage', block_on_overflow: true },
    });
  });

  test('sample traces and nothing else', () => {
    const { pipelines } = resolved(['collector-config.yaml']).service;
    const sampled = Object.entries(pipelines).filter(([, { processors }]) =>
      processors.includes('tail_sampling'),
    );
    expect(sampled.map(([name]) => name)).toEqual(['traces']);
  });
});

interface Resolved {
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly exporters: Readonly<
    Record<string, { readonly sending_queue?: { readonly batch?: unknown; readonly storage?: unknown } }>
  >;
  readonly service: {
    readonly pipelines: Readonly<
      Record<string, Readonly<Record<'receivers' | 'processors' | 'exporters', readonly string[]>>>
    >;
  };
}

/** The configuration as the collector itself understands it, defaults filled in. */
function resolved(files: readonly string[]): Resolved {
  return JSON.parse(runCollector('print-config', '--format', 'json', ...asFlags(files)).stdout) as Resolved;
}

function asFlags(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => ['--config', file]);
}
