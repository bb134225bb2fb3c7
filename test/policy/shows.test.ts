import { describe, expect, test } from 'vitest';
import type { WrittenRules } from '../../src/policy/judge/rules.ts';
import { compileShows, mayWait, showsWords, writtenShows } from '../../src/policy/shows/shows.ts';
import { HEAD, problemsIn, ref, SERVERS, toolOf } from './policy-text.ts';

describe('what is read for whoever is asked', () => {
  const shows = compileShows({
    tool: 'crm.peek',
    arguments: { id: ref('arguments.draft.id'), full: true, most: 5, form: 'text' },
  });

  test('is read by the tool that is named, with values as written and arguments as given', () => {
    expect(shows.tool).toBe('crm.peek');
    expect(shows.argumentsFor({ draft: { id: 'd_1' }, form: 'other' })).toEqual({
      ok: true,
      value: { id: 'd_1', full: true, most: 5, form: 'text' },
    });
  });

  test('is not where the argument that points at it is not given', () => {
    for (const given of [{}, { draft: {} }, { draft: 'd_1' }])
      expect(shows.argumentsFor(given)).toEqual({ ok: false, error: '`draft.id` is not given' });
  });

  test('is told to the agent by the arguments that point at it, each once, and by no tool', () => {
    const words = (given: Parameters<typeof showsWords>[0]['arguments']) =>
      showsWords({ tool: 'crm.peek', arguments: given });
    expect(
      words({ id: ref('arguments.draft.id'), also: ref('arguments.draft.id'), of: ref('arguments.of'), n: 1 }),
    ).toBe('Whoever approves is shown what `draft.id` and `of` points at, and approves that very content.');
    expect(words({ n: 1 })).toBe('Whoever approves is shown what it is about, and approves that very content.');
  });
});

describe('a call may have to wait', () => {
  const rules = (said: string): WrittenRules => toolOf(said).written as unknown as WrittenRules;

  test.each([
    ['where every call is approved', '{ effect: write, approval: {} }', true],
    [
      'where a case is held',
      '{ effect: write, cases: [{ id: a, when: {}, then: hold }, { id: b, when: {}, then: allow }] }',
      true,
    ],
    [
      'not where each case is allowed or denied',
      '{ effect: write, cases: [{ id: a, when: {}, then: allow }, { id: b, when: {}, then: deny }] }',
      false,
    ],
    ['not where nothing asks', '{ effect: write }', false],
  ])('%s', (_, said, expected) => {
    expect(mayWait(rules(said))).toBe(expected);
  });

  test.each([
    ['hold', true],
    ['deny', false],
  ])('by a flow that says %s: %j', (then, expected) => {
    const flow = `flows: [{ id: out, when: { labels: [private], sends_to: external }, then: ${then} }]\n`;
    const shown = 'crm.act: { effect: write, shows: { tool: crm.peek } }, crm.peek: { effect: read, sends_to: none }';
    expect(problemsIn(`${HEAD}${SERVERS}${flow}tools: { ${shown} }\n`).join()).toBe(
      expected ? '' : '6:36: unused: no call of this tool waits for a person',
    );
  });
});

describe('of the tools of one pattern', () => {
  test('one that waits is enough for shows', () => {
    expect(
      problemsIn(
        `${HEAD}${SERVERS}tools: { crm.act: { effect: write, approval: {}, shows: { tool: crm.pek } }, crm.peek: { effect: read } }\n`,
      ),
    ).toEqual([expect.stringContaining('"crm.pek" is not in tools; did you mean "crm.peek"?')]);
  });
});

test('what is no shows is read as none', () => {
  expect(writtenShows({ shows: { tool: 'crm.peek', arguments: { a: 1 } } })).toEqual({
    tool: 'crm.peek',
    arguments: { a: 1 },
  });
  expect(writtenShows({ shows: { tool: 'crm.peek', arguments: 'a' } })).toEqual({ tool: 'crm.peek', arguments: {} });
  for (const part of [{}, { shows: 'crm.peek' }, { shows: {} }, { shows: { tool: 1 } }])
    expect(writtenShows(part)).toBeUndefined();
});
