/** Records the instrumentations of Python: `node record/python.ts <python> <program> <name> <package>…`. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { protobufCodec } from '../../../../src/receiver/otlp-codec.ts';
import { Provider } from '../provider.ts';

const [python = 'python3', program = '', name = '', ...packages] = process.argv.slice(2);
const provider = await Provider.start();
const resourceSpans: unknown[] = [];
const recorder = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    if (request.url?.endsWith('/v1/traces') === true) {
      const decoded = JSON.parse(JSON.stringify(protobufCodec.decodeRequest(bytes), hexIds)) as {
        resourceSpans?: unknown[];
      };
      resourceSpans.push(...(decoded.resourceSpans ?? []));
    }
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
recorder.listen(0, '127.0.0.1');
await once(recorder, 'listening');
const url = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
const child = spawn(python, [new URL(`python/${program}`, import.meta.url).pathname], {
  stdio: 'inherit',
  env: { ...process.env, PROVIDER_URL: provider.url, RECORDER_URL: url, OTEL_EXPORTER_OTLP_ENDPOINT: url },
});
await once(child, 'exit');
recorder.close();
provider.close();
for (const each of resourceSpans as { resource?: unknown }[]) delete each.resource;
const frozen = execFileSync(python, ['-m', 'pip', 'freeze'], { encoding: 'utf8' });
const versions = Object.fromEntries(
  packages.map((each) => [each, new RegExp(`^${each}==(.*)$`, 'm').exec(frozen)?.[1] ?? 'unknown']),
);
const path = new URL(`../../../dialects/recorded/${name}.json`, import.meta.url);
writeFileSync(
  path,
  `${JSON.stringify({ versions, billed: provider.billed, otlp: { resourceSpans } }, null, 1)}\n`,
);
console.log(`${name}: ${resourceSpans.length} requests, ${provider.billed.length} calls`);

/** Ids as OTLP writes them in JSON. */
function hexIds(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const bytes = /^(?:trace|span|parentSpan)Id$/.test(key)
    ? (value as { type?: string; data?: number[] } | string)
    : undefined;
  if (typeof bytes === 'string') return Buffer.from(bytes, 'base64').toString('hex');
  return bytes?.data === undefined ? value : Buffer.from(bytes.data).toString('hex');
}
