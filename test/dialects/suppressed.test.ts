import { expect, test } from 'vitest';
import type { CallMemory } from '../../src/calls/hub.ts';
import { rememberSuppressed, suppressedFor } from '../../src/dialects/suppressed.ts';

function memory(): CallMemory {
  const facts = new Map<string, object>();
  return {
    remember: (kind, key, value) => void facts.set(`${kind} ${key}`, value),
    recall: (kind, key) => facts.get(`${kind} ${key}`),
  } as CallMemory;
}

const span = (id: number) => ({
  name: 'chat',
  scope: 'langchain',
  traceId: 't'.repeat(32),
  spanId: String(id).padStart(16, '0'),
});

test('a suppressed span is told with the event that bills its call, and with no other', () => {
  const kept = memory();
  rememberSuppressed(kept, 'event-1', span(1), 'billedDescendant');
  expect(suppressedFor(kept, 'event-1')).toEqual([{ reason: 'billedDescendant', ...span(1) }]);
  expect(suppressedFor(kept, 'event-2')).toEqual([]);
});

test('a span that is offered twice is told once', () => {
  const kept = memory();
  for (const reason of ['billedAncestor', 'sameCall'] as const)
    rememberSuppressed(kept, 'event-1', span(1), reason);
  expect(suppressedFor(kept, 'event-1')).toEqual([{ reason: 'billedAncestor', ...span(1) }]);
});

test('of many spans the first twenty are kept, each with 200 characters of its name', () => {
  const kept = memory();
  for (let id = 0; id < 21; id++)
    rememberSuppressed(kept, 'event-1', { ...span(id), name: 'x'.repeat(201) }, 'sameCall');
  const told = suppressedFor(kept, 'event-1');
  expect(told).toHaveLength(20);
  expect(told[0]?.name).toHaveLength(200);
});

test('what an older version kept is read as far as it says which span', () => {
  const kept = memory();
  kept.remember('suppressed', 'event-1', { spans: [{ trace_id: 't', span_id: 's' }, { name: 'chat' }, 1] });
  expect(suppressedFor(kept, 'event-1')).toEqual([
    { reason: 'sameCall', name: '', scope: '', traceId: 't', spanId: 's' },
  ]);
});
