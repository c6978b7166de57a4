/** A provider, and a receiver of events, on loopback: a process of its own, so that its CPU is not measured. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, WORKLOADS } from './workloads.ts';

const replies = new Map<string, { readonly type: string; readonly body: Buffer }>();
for (const workload of WORKLOADS) {
  const response = answer(workload);
  const type = response.headers.get('content-type') ?? '';
  replies.set(workload.name, { type, body: Buffer.from(await response.arrayBuffer()) });
}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const name = decodeURIComponent((request.url ?? '').split('/')[1] ?? '');
    const { type, body } = replies.get(name) ?? { type: 'application/json', body: '{}' };
    response.writeHead(200, { 'content-type': type, 'x-request-id': 'req_1' }).end(body);
  });
});
server.listen(0, '127.0.0.1', () =>
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.on('disconnect', () => process.exit());
