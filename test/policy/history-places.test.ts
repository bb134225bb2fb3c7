/** Where a policy may name an argument of the call that is judged, and what it may say in its place. */
import { describe, expect, test } from 'vitest';
import { argumentNamed, mayNameArguments } from '../../src/policy/history/history-shape.ts';
import { problemsIn, ref, saidOfTool } from './policy-text.ts';

test('only what is compared with or added up over earlier calls may name one', () => {
  for (const key of ['after', 'not_after', 'limits'])
    for (const part of ['where', 'sum'])
      expect(mayNameArguments(['tools', 'crm.act', key, 0, part, 'output.a'])).toBe(true);
  for (const path of [
    ['resources', 'crm.act', 'after', 0, 'where'],
    ['tools', 'crm.act', 'cases', 0, 'where'],
    ['tools', 'crm.act', 'after', 0, 'reason'],
    ['tools', 'crm.act', 'arguments', 'a', 'const'],
    ['flows', 0, 'when', 0, 'sum'],
    [],
  ])
    expect(mayNameArguments(path)).toBe(false);
});

test('one is named by the whole text, by the names that lead to it', () => {
  expect(argumentNamed(ref('arguments.a'))).toEqual(['a']);
  expect(argumentNamed(ref('arguments.a.b'))).toEqual(['a', 'b']);
  for (const text of [
    `${ref('arguments.a')} `,
    `x${ref('arguments.a')}`,
    `${ref('arguments.a')}${ref('arguments.b')}`,
    ref('arguments'),
    ref('arguments.'),
    ref('arguments..a'),
    ref('argumentsa'),
    ref('output.a'),
    'arguments.a',
  ])
    expect(argumentNamed(text)).toBeUndefined();
});

describe('what an earlier call’s field must be', () => {
  const where = (wanted: string) =>
    problemsIn(saidOfTool(`{ after: [{ tool: crm.act, where: { arguments.a: ${wanted} } }] }`));

  test('is a text as it stands, whatever it holds beside a reference', () => {
    for (const text of [
      '"costs $5"',
      '"{arguments.b}"',
      '"{session.dir}"',
      '{ const: "$5" }',
      '{ const: "{arguments.b}" }',
    ])
      expect(where(text)).toEqual([]);
    expect(where('{ const: "{session.dir}" }')).toEqual([]);
    expect(where(`"${ref('arguments.b')}"`)).toEqual([]);
  });

  test('is no text with an argument in it: it would be compared with the words of the reference', () => {
    for (const text of [`"${ref('arguments.b')} and more"`, `"so ${ref('arguments.b')}"`])
      expect(where(text)).toEqual([expect.stringContaining('as the whole value')]);
  });

  test('is no rule on the session’s folder, which earlier calls may not have had, nor on an argument of this one', () => {
    expect(where(`{ within: "${ref('session.dir')}" }`)).toEqual([
      expect.stringContaining('the folder of a session says nothing of earlier calls'),
    ]);
    expect(where(`{ const: "${ref('arguments.b')}" }`)).toEqual([
      expect.stringContaining('expected fixed values in a rule'),
    ]);
  });
});
