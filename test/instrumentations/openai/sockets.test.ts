import { OpenAIRealtimeEmitter } from 'openai/realtime/internal-base';
import { EventEmitter } from 'openai/lib/EventEmitter';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withCustomer } from '../../../src/attribution/scope.ts';
import { OpenAIInstrumentation } from '../../../src/instrumentations/openai/instrumentation.ts';
import { HeardCalls } from '../../support/heard-calls.ts';

const instrumentation = new OpenAIInstrumentation({ providers: { 'llm.internal': 'vllm' } });
instrumentation.manuallyInstrument({ EventEmitter });
let heard: HeardCalls;
beforeEach(() => void (heard = new HeardCalls()));
afterEach(() => heard[Symbol.dispose]());
afterAll(() => instrumentation.disable());

/** A session on the SDK's own emitter, with a socket that the test moves: what it sends, and what it is told. */
class Session extends OpenAIRealtimeEmitter {
  readonly sent: unknown[] = [];
  readonly url: URL | undefined;

  constructor(url?: string) {
    super();
    this.url = url === undefined ? undefined : new URL(url);
  }

  send(event: unknown): void {
    this.sent.push(event);
  }

  override close(): void {
    this.hears('close', 1000);
  }

  /** A server event. */
  answers(event: Readonly<Record<string, unknown>>): void {
    this.hears('event', event);
  }

  /** Whatever the socket emits. */
  hears(name: string, value: unknown): void {
    (this as unknown as { _emit(name: string, value: unknown): void })._emit(name, value);
  }
}

const GPT = 'wss://api.openai.com/v1/realtime?model=gpt-realtime';
const usage = { input_tokens: 132, output_tokens: 121, total_tokens: 253 };
const created = (id: string, more: object = {}): { type: string; response: object } => ({
  type: 'response.created',
  response: { id, status: 'in_progress', ...more },
});
const done = (id: string, more: object = {}): { type: string; response: object } => ({
  type: 'response.done',
  response: { id, status: 'completed', usage, ...more },
});

describe('a realtime session', () => {
  test('is one call an answer, each billed to whoever spoke last', async () => {
    const session = new Session(GPT);
    const seen: unknown[] = [];
    withCustomer('opener', () => session.on('event', (event) => void seen.push(event)));
    session.answers(created('resp_1'));
    session.answers(done('resp_1'));
    const question = { type: 'response.create' };
    withCustomer('acme', () => session.send(question));
    session.answers(created('resp_2', { model: 'gpt-realtime-mini' }));
    session.answers({ type: 'response.output_text.delta', response_id: 'resp_2', delta: 'Hi' });
    session.answers(done('resp_2'));
    await heard.count(2);
    expect(heard.calls).toMatchObject([
      {
        attribution: { customer: 'opener' },
        request: { model: 'gpt-realtime' },
        usage: { inputTokens: 132 },
      },
      {
        attribution: { customer: 'acme' },
        request: { model: 'gpt-realtime-mini' },
        usage: { outputTokens: 121 },
      },
    ]);
    // The application sends and hears what it would without us.
    expect(session.sent).toEqual([question]);
    expect(session.sent[0]).toBe(question);
    expect(seen).toHaveLength(5);
  });

  test('bills an answer of which nobody saw the beginning, and only where it says what it used', async () => {
    const session = new Session(GPT);
    session.answers(done('resp_1', { model: 'gpt-realtime-2025-08-28' }));
    session.answers(done('resp_2', { usage: null }));
    session.answers({ type: 'response.output_text.delta', response_id: 'resp_3', delta: 'Hi' });
    session.answers({ type: 'rate_limits.updated' });
    session.hears('event', 'no event at all');
    expect(await heard.only()).toMatchObject({
      status: 'ok',
      provider: 'openai',
      serverAddress: 'api.openai.com',
      request: { model: 'gpt-realtime-2025-08-28' },
    });
  });

  test('bills what the user said to the model that wrote it down, whichever way the session names it', async () => {
    const session = new Session(GPT);
    const transcribed = (id: string): Record<string, unknown> => ({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: id,
      usage: { type: 'tokens', input_tokens: 14, output_tokens: 5, total_tokens: 19 },
    });
    session.answers({
      type: 'session.created',
      session: { audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } },
    });
    session.answers(transcribed('item_1'));
    session.answers({
      type: 'session.updated',
      session: { input_audio_transcription: { model: 'whisper-1' } },
    });
    session.answers(transcribed('item_2'));
    // An update that does not speak of transcription leaves it as it was.
    session.answers({ type: 'session.updated', session: { model: 'gpt-realtime-mini' } });
    session.answers(transcribed('item_3'));
    session.answers(done('resp_1'));
    await heard.count(4);
    expect(heard.calls.map(({ operation, request }) => [operation, request.model])).toEqual([
      ['transcription', 'gpt-4o-transcribe'],
      ['transcription', 'whisper-1'],
      ['transcription', 'whisper-1'],
      ['chat', 'gpt-realtime-mini'],
    ]);
  });

  test('that is closed cuts off what was under way, once, and bills a Live session its last total', async () => {
    const session = new Session(GPT);
    session.answers(created('resp_1'));
    session.answers({ type: 'session.usage.updated', usage: { seconds: 30 } });
    session.answers({ type: 'session.usage.updated', usage: { seconds: 61 } });
    // `close` of the emitter's own, without a socket's code, is none.
    session.hears('close', undefined);
    expect(heard.calls).toEqual([]);
    session.close();
    session.close();
    await heard.count(2);
    expect(heard.calls).toMatchObject([
      { status: 'ok', operation: 'live_session', usage: { sessionSeconds: 61 } },
      { status: 'aborted', operation: 'chat' },
    ]);
  });

  test('that the server closes is billed like one that the socket closes', async () => {
    const session = new Session(GPT);
    session.answers({ type: 'session.closed', usage: { seconds: 12 } });
    expect(await heard.only()).toMatchObject({ operation: 'live_session', usage: { sessionSeconds: 12 } });
  });

  test('is its host’s, with its port, where the host is told, and nobody’s where it has no address', async () => {
    const own = new Session('wss://llm.internal:8443/v1/realtime');
    own.answers(done('resp_1'));
    const nowhere = new Session();
    nowhere.answers(done('resp_2'));
    await heard.count(2);
    expect(heard.calls[0]).toMatchObject({
      provider: 'vllm',
      serverAddress: 'llm.internal',
      serverPort: 8443,
    });
    expect(heard.calls[0]?.request.model).toBeUndefined();
    expect(heard.calls[1]?.serverAddress).toBeUndefined();
  });

  test('of a socket that cannot send is followed all the same', async () => {
    const session = new Session(GPT);
    Object.defineProperty(session, 'send', { value: undefined });
    withCustomer('acme', () => session.on('event', () => undefined));
    session.answers(done('resp_1'));
    expect(await heard.only()).toMatchObject({ attribution: { customer: 'acme' } });
  });
});

test('a disabled instrumentation follows no session, and one that is enabled again follows the next', async () => {
  instrumentation.disable();
  const before = new Session(GPT);
  before.on('event', () => undefined);
  before.answers(done('resp_1'));
  instrumentation.enable();
  const after = new Session(GPT);
  after.answers(done('resp_2'));
  expect((await heard.only()).reading?.responseId).toBe('resp_2');
});
