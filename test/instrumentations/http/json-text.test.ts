import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  memberText,
  withMember,
  withNewMember,
  withoutMember,
} from '../../../src/instrumentations/http/json-text.ts';

test.each([
  ['in the middle', '{"a": 1, "usage": null, "b": 2.0}', '{"a": 1, "b": 2.0}'],
  ['first', '{"usage":null,"b":"\\u00e9"}', '{"b":"\\u00e9"}'],
  ['first, on lines of its own', '{\n  "usage": null,\n  "b": 2\n}', '{\n  "b": 2\n}'],
  ['last', '{"b": 9007199254740993 , "usage" : {"x":[1,{"y":"}"}]} }', '{"b": 9007199254740993  }'],
  ['alone', '{ "usage": 1 }', '{  }'],
  ['inside another', '{"a":{"usage":1}}', '{"a":{"usage":1}}'],
  ['in a text', String.raw`{"a":"\"usage\":null"}`, String.raw`{"a":"\"usage\":null"}`],
  ['nowhere', '{"a":1}', '{"a":1}'],
  ['in what is no object', '[{"usage":1}]', '[{"usage":1}]'],
  ['in what was cut off', '{"a":1,"usage":nul', '{"a":1,"usage":nul'],
])('a member %s goes, and every other character stays', (_where, json, left) => {
  expect(withoutMember(json, 'usage')).toBe(left);
});

test.each([
  ['comes last', '{"a":1}', '{"a":1,"b":true}'],
  ['is the first of an empty object', '{ }', '{"b":true }'],
  ['keeps the line ends of a pretty object', '{\n  "a": 1\n}', '{\n  "a": 1,"b":true\n}'],
  ['takes the place of its old value', '{"b" : [1,2] ,"a":1}', '{"b" : true ,"a":1}'],
  ['is not put into what is no object', '[1]', '[1]'],
])('a member that is set %s', (_how, json, set) => {
  expect(withMember(json, 'b', 'true')).toBe(set);
});

test('what JSON.parse reads is what was meant, whatever the object', () => {
  const key = fc.constantFrom('a', 'usage', 'b\\', 'c"');
  const objects = fc.dictionary(key, fc.jsonValue());
  fc.assert(
    fc.property(objects, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      const json = JSON.stringify(value, undefined, indent);
      const { usage, ...rest } = value;
      expect(JSON.parse(withoutMember(json, 'usage'))).toEqual(JSON.parse(JSON.stringify(rest)));
      expect(JSON.parse(withMember(json, 'usage', '"x"'))).toEqual({ ...JSON.parse(json), usage: 'x' });
      if (usage === undefined)
        expect(JSON.parse(withNewMember(json, 'usage', '1'))).toMatchObject({ usage: 1 });
      else expect(JSON.parse(memberText(json, 'usage') ?? '')).toEqual(JSON.parse(JSON.stringify(usage)));
    }),
  );
});
