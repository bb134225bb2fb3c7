import { describe, expect, it } from 'vitest';
import { microsOf, millisecondsOf } from '../../src/policy/file/amounts.ts';
import { expanded } from '../../src/policy/file/patterns.ts';
import { uriPattern } from '../../src/policy/uris/uri-pattern.ts';
import { definitionOf, HEAD, profileOf, ref, toolOf } from './policy-text.ts';

describe('a pattern of names', () => {
  const names = ['a', 'ab', 'x_', 'x_a', 'x_b'];

  it.each(['x_{a,}', 'x_{,a}', 'x_{}', 'x_{a', 'x_a}', 'x_{a,b c}', 'x_{a,b}}', 'x_{a{b}}', 'a,ab', ''])(
    'is none: %s',
    (pattern) => {
      expect(expanded(pattern, names)).toEqual({ ok: false, error: [expect.stringContaining('expected a pattern')] });
    },
  );

  it('stands for each way through its braces, at most a hundred', () => {
    expect(expanded('{a,x_}{b,a}', names)).toMatchObject({ ok: false });
    expect(expanded('x_{b,a}', names)).toEqual({ ok: true, value: ['x_a', 'x_b'] });
    const ten = '{0,1,2,3,4,5,6,7,8,9}';
    const hundred = Array.from({ length: 100 }, (_, at) => `t${String(at).padStart(2, '0')}`);
    expect(expanded(`t${ten}${ten}`, hundred)).toEqual({ ok: true, value: hundred });
    expect(expanded(`t${ten}${ten}{0,1}`, hundred)).toEqual({
      ok: false,
      error: [expect.stringContaining('expected a pattern')],
    });
  });
});

describe('a pattern of URIs does not include', () => {
  const includes = (one: string, other: string) => {
    const [wide, narrow] = [uriPattern(one), uriPattern(other)];
    if (!wide.ok || !narrow.ok) throw new Error('these are patterns');
    return wide.value.includes(narrow.value);
  };
  const dir = `file://${ref('session.dir')}`;

  it('what it would not match itself for how it could be read', () => {
    expect(includes('file://**', `${dir}/x`)).toBe(true);
    expect(includes('file://**', `${dir}//x`)).toBe(false);
  });

  it('what lies in a folder of any name, where it wants a certain one', () => {
    expect(includes('file:///**!/a', `${dir}/a`)).toBe(false);
    expect(includes('file:///**/a', `${dir}/a`)).toBe(true);
  });
});

it('a duration is all of a text', () => {
  expect(millisecondsOf('20s')).toBe(20_000);
  for (const text of ['x20s', '20s!', '20', 's', '', '20 s', '1234567890s']) expect(millisecondsOf(text)).toBeNaN();
});

it('an amount is a number of at most six decimals, and a text is none', () => {
  expect(microsOf(0.1)).toEqual({ ok: true, value: 100_000 });
  for (const value of ['1', null, true, [], -1, 0.000_000_1, 1e10]) expect(microsOf(value).ok).toBe(false);
});

describe('misfits', () => {
  it('are none where arguments may have any name of a pattern', () => {
    const tool = toolOf('{ arguments: { x_more: { maximum: 5 } } }');
    const schema = { type: 'object', properties: { a: {} }, patternProperties: { '^x_': {} } };
    expect(tool.misfits(definitionOf(schema))).toEqual([]);
  });

  it('are outputs that both the policy and the server speak for, and neither alone', () => {
    const saying = toolOf('{ output: { schema: { type: object } } }');
    const silent = toolOf('{}');
    const own = definitionOf({ type: 'object' }, { outputSchema: { type: 'object' } });
    const none = definitionOf({ type: 'object' });
    expect([saying.misfits(own).length, saying.misfits(none).length]).toEqual([1, 0]);
    expect([silent.misfits(own).length, silent.misfits(none).length]).toEqual([0, 0]);
  });
});

it('a target that names no scopes needs none, and is asked for none', () => {
  expect(toolOf('{}').contract.scopes).toEqual([]);
  expect(toolOf('{ scopes: [b, a] }').contract.scopes).toEqual(['a', 'b']);
});

it('a server is shared between sessions where its policy says so, and nowhere else', () => {
  const shared = (keys: string, deployed?: Parameters<typeof profileOf>[1]) => [
    ...profileOf(`${HEAD}servers: { crm: { ${keys} } }\ntools: { crm.act: {} }\n`, deployed).shared,
  ];
  expect(shared('command: [node, crm.js]')).toEqual([]);
  expect(shared('command: [node, crm.js], shared: false')).toEqual([]);
  expect(shared('command: [node, crm.js], shared: true')).toEqual(['crm']);
});
