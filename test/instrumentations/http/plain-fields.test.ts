import { expect, test } from 'vitest';
import { plainFields } from '../../../src/instrumentations/http/plain-fields.ts';

test('plain data is read as it is', () => {
  const body = { model: 'gpt-4o', messages: [] };
  expect(plainFields(body)).toBe(body);
  expect(plainFields(Object.assign(Object.create(null) as object, body))).toEqual(body);
});

test.each<[string, unknown]>([
  [
    'a class of its own',
    new (class {
      model = 'x';
    })(),
  ],
  ['what says itself how it is written', { model: 'x', toJSON: () => ({}) }],
  ['what inherits', Object.create({ model: 'x' })],
  ['a proxy', new Proxy({ model: 'x' }, { get: () => expect.fail('read') })],
  [
    'an accessor',
    {
      get model(): string {
        return expect.fail('read');
      },
    },
  ],
  ['text', '{}'],
  ['null', null],
])('%s is not read', (_title, body) => {
  expect(plainFields(body)).toBeUndefined();
});
