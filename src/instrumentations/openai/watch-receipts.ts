import { matchEndpoint } from '../../wire/endpoint.ts';
import { settleReceipt } from '../../calls/memory/receipts.ts';
import type { OpenCall } from '../../calls/call.ts';
import type { StreamReader } from '../../wire/reading.ts';
import type { Watch } from '../http/plan.ts';
import type { WatchedRequest } from '../stainless/sdk.ts';
import { openaiEndpoints } from '../../wire/openai/endpoints.ts';

/**
 * Requests that show work another call started: `responses.retrieve` and `cancel`, a response resumed with
 * `starting_after`, polls of runs and videos. The first that shows what was consumed bills the customer who started it,
 * or the reader's where nobody here remembers the start.
 */
export function watchReceipts({ method, path, open }: WatchedRequest): Watch | undefined {
  const endpoint = matchEndpoint(openaiEndpoints, method, path);
  if (endpoint?.readResponse === undefined) return undefined;
  const { readResponse, readStream } = endpoint;
  const reader = (): OpenCall => ({ ...open(), operation: endpoint.operation });
  let stream: StreamReader | undefined;
  return {
    reply: (body) => settleReceipt(readResponse(body, { provider: open().provider }), reader),
    event(event) {
      stream ??= readStream?.({ provider: open().provider });
      if (stream === undefined) return;
      stream.read(event);
      settleReceipt(stream.reading(), reader);
    },
  };
}
