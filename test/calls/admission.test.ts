import { afterEach, expect, test } from 'vitest';
import { ShownCall } from '../../src/calls/shown-call.ts';
import { admission } from '../../src/calls/admission.ts';
import { type CallListener, listen } from '../../src/calls/hub.ts';

const CALL = {
  id: '019aa1c2-0000-7000-8000-000000000001',
  startTime: new Date('2026-11-20T10:00:00Z'),
  attribution: { context: {}, tracked: true, persist: true },
  provider: 'openai',
  operation: 'chat',
  request: { model: 'gpt-4o' },
} as const;

const leaves: (() => void)[] = [];
const ask = (...admits: NonNullable<CallListener['admit']>[]): ReturnType<typeof admission> => {
  for (const admit of admits) leaves.push(listen({ record: () => undefined, admit }));
  return admission(CALL, new ShownCall(CALL));
};
afterEach(() => {
  for (const leave of leaves.splice(0)) leave();
});

const no = { error: new Error('over budget') };

test('nobody is waited for where nobody thinks about it', () => {
  leaves.push(listen({ record: () => undefined }));
  expect(admission(CALL, new ShownCall(CALL))).toBeUndefined();
  expect(ask(() => undefined)).toBeUndefined();
});

test('a refusal ends the asking', () => {
  let asked = 0;
  expect(
    ask(
      () => no,
      () => void asked++,
    ),
  ).toBe(no);
  expect(asked).toBe(0);
});

test('a refusal after another model is a refusal, and of two models the first counts', async () => {
  expect(
    ask(
      () => ({ model: 'gpt-4o-mini' }),
      () => no,
    ),
  ).toBe(no);
  for (const leave of leaves.splice(0)) leave();
  const models = ask(
    () => Promise.resolve({ model: 'gpt-4o-mini' }),
    () => ({ model: 'gpt-4.1-nano' }),
  );
  expect(await models).toEqual({ model: 'gpt-4o-mini' });
});

test('a listener that throws or rejects refuses nothing, and the next one is asked', async () => {
  const throws = (): never => {
    throw new Error('no store');
  };
  expect(ask(throws, () => no)).toBe(no);
  for (const leave of leaves.splice(0)) leave();
  expect(await ask(() => Promise.reject(new Error('no store')))).toBeUndefined();
  for (const leave of leaves.splice(0)) leave();
  expect(
    await ask(
      () => Promise.reject(new Error('no store')),
      () => no,
    ),
  ).toBe(no);
});
