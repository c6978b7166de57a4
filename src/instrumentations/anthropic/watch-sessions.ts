import { object, text } from '../../base/read.ts';
import { relativePath } from '../../wire/endpoint.ts';
import { rememberStarter, settleRunningTotal } from '../../calls/memory/running-totals.ts';
import type { Watch } from '../http/plan.ts';
import type { WatchedRequest } from '../stainless/sdk.ts';
import { createSessionStreamReader, readSession } from '../../wire/anthropic/sessions.ts';

/**
 * Managed-agent sessions and dreams: work goes on after the call that started it, and every reply about it carries
 * its totals so far. What was added since is billed to whoever started it.
 */
export function watchRunning({ method, path, open }: WatchedRequest): Watch | undefined {
  const [resource = '', id, ...rest] = relativePath(path).slice(1).split('/');
  const kind = KINDS[resource];
  if (kind === undefined) return undefined;
  const action = rest.join('/');
  if (id !== undefined && method === 'GET' && action === 'events/stream') {
    const reader = createSessionStreamReader();
    return {
      event(event) {
        if (text(object(event)?.type) !== 'session.usage') return;
        reader.read(event);
        settleRunningTotal({ kind, id }, reader.reading(), open());
      },
    };
  }
  if (!['', 'archive', 'cancel'].includes(action)) return undefined;
  const settle = (reply: unknown): void => {
    const ownId = text(object(reply)?.id);
    if (ownId === undefined || object(reply)?.type !== resource.slice(0, -1)) return;
    const reading = readSession(reply);
    const call = open(reading.responseModel);
    if (method === 'POST' && id === undefined)
      rememberStarter({ kind, id: ownId }, call, reading.responseModel);
    settleRunningTotal({ kind, id: ownId }, reading, call);
  };
  return { reply: settle };
}

const KINDS: Readonly<Record<string, string>> = { sessions: 'anthropic-session', dreams: 'anthropic-dream' };
