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
