import { matchEndpoint } from '../endpoint.ts';
import { settleReceipt } from '../receipts.ts';
import { observeEvents } from '../stainless/observe-lines.ts';
import { isEventStream, type Watch, type WatchedRequest } from '../stainless/sdk.ts';
import { openaiEndpoints } from './endpoints.ts';

/**
 * Requests that show work another call started: `responses.retrieve` and `cancel`, a response resumed with
 * `starting_after`, polls of runs and videos. The first that shows what was consumed bills who started it.
 */
export function watchReceipts({ method, path, open }: WatchedRequest): Watch | undefined {
  const endpoint = matchEndpoint(openaiEndpoints, method, path);
  if (endpoint?.readResponse === undefined) return undefined;
  const { readResponse, readStream } = endpoint;
  return (reply) => {
    const { provider } = open();
    if (!isEventStream(reply)) return settleReceipt(readResponse(reply, { provider }));
    const reader = readStream?.({ provider });
    if (reader === undefined) return undefined;
    return observeEvents(reply, (event) => {
      reader.read(event);
      settleReceipt(reader.reading());
    });
  };
}
