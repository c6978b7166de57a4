/**
 * Loaded into the application by `costspan doctor -- <command>`, before anything else. It looks on and changes nothing:
 * which SDKs are loaded and when, which requests leave for providers, which calls are heard. What it saw is written
 * into the folder that `COSTSPAN_DOCTOR` names, twice a second and when the process ends.
 */
import { channel } from 'node:diagnostics_channel';
import { mkdirSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { parseDestination } from '../../attribution/baggage/destination.ts';
import { shared } from '../../base/process.ts';
import { isHooksWorker } from '../../base/preload.ts';
import { object, text } from '../../base/read.ts';
import { costOfCall } from '../../calls/cost-of-call.ts';
import { callHub, listen } from '../../calls/hub.ts';
import { sightings } from '../../instrumentations/sightings.ts';
import { SDK_FILES } from '../../instrumentations/sdk-files.ts';
import { defaultPriceList } from '../../pricing/shipped/default-price-list.ts';
import { isProviderHost } from '../../providers/registry.ts';
import type { RunReport } from './run-report.ts';

const folder = process.env.COSTSPAN_DOCTOR;
if (folder !== undefined && !isHooksWorker()) watch(folder);

function watch(folder: string): void {
  const seen = {
    calls: 0,
    unpriced: {} as Record<string, string>,
    loaded: {} as Record<string, { early: boolean }>,
    requests: {} as Record<string, number>,
    leaks: new Set<string>(),
  };

  listen({
    record: (call) => {
      seen.calls += 1;
      const { status, reason } = costOfCall(call, [defaultPriceList]);
      const model = call.reading.responseModel ?? call.request.model ?? call.operation;
      if (status === 'unpriced') seen.unpriced[`${call.provider}/${model}`] = reason ?? 'no price is known';
      return undefined;
    },
  });

  watchModules((name) => {
    seen.loaded[name] ??= { early: !isSetUp() };
  });

  const onRequest = (method: unknown, address: unknown, headers: () => string): void => {
    const { host = '', port } = parseDestination(String(address)) ?? {};
    if (method !== 'POST' || !isProviderHost(host, port)) return;
    seen.requests[host] = (seen.requests[host] ?? 0) + 1;
    if (/costspan[.%]/.test(headers())) seen.leaks.add(host);
  };
  channel('undici:client:sendHeaders').subscribe((message) => {
    const { request, headers } = object(message) ?? {};
    onRequest(object(request)?.method, object(request)?.origin, () => String(headers));
  });
  channel('http.client.request.start').subscribe((message) => {
    const request = object(object(message)?.request) as
      | Partial<import('node:http').ClientRequest>
      | undefined;
    onRequest(request?.method, request?.host, () => String(request?.getHeader?.('baggage') ?? ''));
  });

  const file = join(folder, `${process.pid}-${threadId}.json`);
  const write = (): void => {
    const report: RunReport = {
      ...seen,
      metered: callHub().listeners.length > 1,
      leaks: [...seen.leaks],
      instrumentations: sightings(),
      warnings: warnings(),
    };
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, JSON.stringify(report));
    } catch {
      // The doctor says that it heard nothing.
    }
  };
  setInterval(write, 500).unref();
  process.on('exit', write);
}

/** Says which SDK packages are loaded, from whatever place and in whatever format. */
function watchModules(onLoad: (name: string) => void): void {
  const files = Object.keys(SDK_FILES).map((name) => [name, `/node_modules/${name}/`] as const);
  module.registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const found = files.find(([, path]) => resolved.url.replaceAll('\\', '/').includes(path));
      if (found !== undefined) onLoad(found[0]);
      return resolved;
    },
  });
}

/** Whether an instrumentation or `costspan/hooks` has been there. */
function isSetUp(): boolean {
  return shared('loader hooks', () => ({ installed: false })).installed;
}

/** What was said once, and what was printed or kept because there was no logger. */
function warnings(): string[] {
  const said = shared('warnings', () => new Set<string>());
  const { printed } = shared('diag', () => ({ kept: [], printed: new Set<string>(), phase: 'idle' }));
  return [
    ...new Set([...said, ...[...printed].flatMap((line) => text(line.replace(/^costspan: /, '')) ?? [])]),
  ];
}
