import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEEPEST, parseStrict } from '../../src/wire/strict-json.ts';

test.each([
  ['a duplicate member', '{"a":1,"a":2}', 'stands twice'],
  ['a duplicate member spelt with an escape', '{"a":1,"\\u0061":2}', 'stands twice'],
  ['a duplicate member deep inside', '{"x":[{"y":{"b":1,"c":2,"b":3}}]}', 'stands twice'],
  ['__proto__', '{"__proto__":{"admin":true}}', '__proto__'],
  ['__proto__ spelt with an escape', '{"\\u005f_proto__":1}', '__proto__'],
  ['an integer that a double cannot hold', '{"n":9007199254740993}', 'too large'],
  ['a negative integer that a double cannot hold', '[-9007199254740993]', 'too large'],
  ['an infinite number', '{"n":1e999}', 'too large'],
  ['a lone surrogate in a value', '{"s":"\\ud800"}', 'lone surrogate'],
  ['a lone surrogate in a name', '{"\\udc00":1}', 'lone surrogate'],
  ['great depth', `${'['.repeat(DEEPEST + 1)}${']'.repeat(DEEPEST + 1)}`, 'nested deeper'],
  ['what is no JSON', '{"a":1,}', 'not JSON'],
  ['nothing', '', 'not JSON'],
])('%s is refused', (_danger, text, said) => {
  const parsed = parseStrict(text);
  expect(parsed).toMatchObject({ ok: false });
  if (!parsed.ok) expect(parsed.error).toContain(said);
});

test.each([
  '{"a":{"b":1},"b":{"b":2}}',
  '[{"a":1},{"a":1}]',
  '{"s":"quote \\" brace } [ , : 12345678901234567890"}',
  '{"s":"\\ud83d\\ude00 \\\\"}',
  '[-0.5e-3,1E2,9007199254740991,true,false,null]',
])('%s is taken as JSON.parse takes it', (text) => {
  expect(parseStrict(text)).toEqual({ ok: true, value: JSON.parse(text) });
});

test('every JSON value that JavaScript writes is read back as the same value', () => {
  const values = fc
    .jsonValue({ maxDepth: 6, noUnicodeString: false })
    .filter((value) => !JSON.stringify(value).includes('__proto__'));
  fc.assert(
    fc.property(values, (value) => {
      const text = JSON.stringify(value);
      const hasHugeInteger = /\d{16,}|e\+/.test(text);
      fc.pre(!hasHugeInteger && text.isWellFormed() && !/\\ud[89a-f]/i.test(text));
      expect(parseStrict(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test('a member named twice is refused wherever it stands', () => {
  const names = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__' && name.isWellFormed());
  fc.assert(
    fc.property(names, fc.jsonValue({ maxDepth: 2 }), fc.nat(5), (name, value, depth) => {
      const member = JSON.stringify(name);
      const inner = `{${member}:${JSON.stringify(value)},${member}:1}`;
      expect(parseStrict(`${'[{"k":'.repeat(depth)}${inner}${'}]'.repeat(depth)}`)).toMatchObject({ ok: false });
    }),
  );
});
