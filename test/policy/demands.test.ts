import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { digestOf } from '../../src/domain/json.ts';
import { PLAIN, ref, toolOf } from './policy-text.ts';

/** What a call of a tool with these rules asks of those before it. */
function demandsOf(rules: string, given: JsonObject) {
  const judgement = toolOf(`{ effect: write, ${rules} }`).judge(given, PLAIN);
  if (judgement.verdict !== 'allow') throw new Error(judgement.reason);
  return judgement.demands;
}

test('a rule speaks of the session where it does not say whose calls', () => {
  const rules = (more: string) =>
    `after: [{ tool: crm.act${more} }], not_after: [{ tool: crm.act${more} }], limits: [{ count: calls, within: 1h, max: 1${more} }]`;
  expect(demandsOf(rules(''), {}).map(({ per }) => per)).toEqual(['session', 'session', 'session']);
  expect(demandsOf(rules(', per: principal'), {}).map(({ per }) => per)).toEqual([
    'principal',
    'principal',
    'principal',
  ]);
});

test('what a call lacks is compared with nothing, and is not taken for something that is alike', () => {
  const rules = `after: [{ tool: crm.act, where: { arguments.id: "${ref('arguments.id')}" } }]`;
  expect(demandsOf(rules, { id: 'a' })[0]?.where).toEqual([{ field: 'is:arguments.id', is: digestOf('a') }]);
  for (const given of [{}, { id: null }])
    expect(demandsOf(rules, given)[0]?.where).toEqual([{ field: 'is:arguments.id', is: undefined }]);
});

test('no wait makes room for more than a whole limit: less must be asked for', () => {
  const rules = `limits: [{ sum: "${ref('arguments.n')}", within: 1h, max: 5 }]`;
  const remedyOf = (n: number) => demandsOf(rules, { n })[0]?.remedy;
  expect(remedyOf(4)).toBeUndefined();
  expect(remedyOf(5)).toBeUndefined();
  expect(remedyOf(6)).toBe('make the call with less `n`, if that still does what was asked');
});

test('what must not have been, and what counts, is compared as a server may take it: doubt counts against the call', () => {
  const where = `where: { arguments.id: "${ref('arguments.id')}" }`;
  const fieldOf = (rules: string) => demandsOf(rules, { id: 'A1' })[0]?.where[0];
  const sure = fieldOf(`after: [{ tool: crm.act, ${where} }]`);
  const not = fieldOf(`not_after: [{ tool: crm.act, ${where} }]`);
  const limit = fieldOf(`limits: [{ count: calls, within: 1h, max: 1, ${where} }]`);
  expect(sure).toEqual({ field: 'is:arguments.id', is: digestOf('A1') });
  expect(not).toEqual(limit);
  expect(not?.field).not.toBe(sure?.field);
  const lower = demandsOf(`not_after: [{ tool: crm.act, ${where} }]`, { id: 'a1' })[0]?.where[0];
  expect(lower).toEqual(not);
});
