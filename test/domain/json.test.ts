import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, deepFreeze, digestOf, type JsonValue } from '../../src/domain/json.ts';

test('the canonical form is RFC 8785’s: members sorted by UTF-16 code units, numbers as ECMAScript writes them', () => {
  const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 };
  expect(canonical(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  expect(canonical([333333333.3333333, 1e30, 4.5, 2e-3, 1e-27])).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27]');
});

test('the order in which members came never changes the digest, and any value does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const members = Object.entries(value) as [string, JsonValue][];
      fc.pre(members.every(([name]) => name !== '__proto__'));
      const turned = Object.fromEntries(members.toReversed());
      expect(digestOf(turned)).toBe(digestOf(Object.fromEntries(members)));
      expect(digestOf({ ...turned, extra: 'x' })).not.toBe(digestOf(turned));
    }),
  );
});

test('frozen effective arguments cannot be changed anywhere in them', () => {
  const value = deepFreeze({ a: [{ b: 1 }] });
  expect(() => Object.assign((value.a as { b: number }[])[0] ?? {}, { b: 2 })).toThrow(TypeError);
});
