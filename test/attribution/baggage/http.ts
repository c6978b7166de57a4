import { createRequire } from 'node:module';
import type * as HttpModule from 'node:http';
import type { AddressInfo } from 'node:net';

/** `node:http` as an instrumentation has patched it: through `require`, after the SDK started. */
export const loadHttp = (): typeof HttpModule =>
  createRequire(import.meta.url)('node:http') as typeof HttpModule;

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

/** Listens on a free port; `await using` closes it again. */
export async function listen(server: HttpModule.Server): Promise<Listening> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** A GET over `node:http`, which no instrumentation of undici sees. */
export function get(
  http: typeof HttpModule,
  url: string,
  headers: HttpModule.OutgoingHttpHeaders = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      })
      .on('error', reject);
  });
}
