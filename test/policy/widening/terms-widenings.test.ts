import { describe, expect, test } from 'vitest';
import type { Named } from '../../../src/domain/role.ts';
import { PROOFS, type Terms, USUAL_TERMS } from '../../../src/domain/terms.ts';
import { termsWidenings } from '../../../src/policy/widening/terms-widenings.ts';
import { wideningText } from '../../../src/policy/widening/widening.ts';
import { widenings } from '../../../src/policy/widening/widenings.ts';
import { HEAD, profileOf, SERVERS, saidOfTool } from '../policy-text.ts';

const linesOf = (old: Partial<Terms> | undefined, next: Partial<Terms> | undefined): readonly string[] =>
  termsWidenings(old && { ...USUAL_TERMS, ...old }, next && { ...USUAL_TERMS, ...next }).map(wideningText);
const named = (name: string): Named => ({ kind: 'group', name, issuer: 'https://login.example.com' });
const [LEADS, DESK] = [named('leads'), named('desk')];
const said = (...names: readonly string[]) =>
  JSON.stringify(names.map((name) => `group:${name}@https://login.example.com`));
const MINUTE = 60_000;

describe('an approval asks less where', () => {
  test.each<[string, Partial<Terms>, Partial<Terms>, string]>([
    ['fewer people must', { quorum: 3 }, { quorum: 2 }, 'quorum: 2, was 3'],
    ['it may come later', { answerWithin: MINUTE }, { answerWithin: 2 * MINUTE }, 'answer_within: 2m, was 1m'],
    ['it may be used later', { useWithin: MINUTE }, { useWithin: 90_000 }, 'use_within: 90s, was 1m'],
    ['who asks may give it', {}, { allowRequester: true }, 'allow_requester: true, was false'],
    ['it is good for more calls', { uses: 2 }, { uses: 3 }, 'uses: 3, was 2'],
    ['anybody may give it', { approvers: [[LEADS]] }, {}, `approvers: nothing, was ${said('leads')}`],
    [
      'more may give it',
      { approvers: [[LEADS]] },
      { approvers: [[LEADS, DESK]] },
      `approvers: ${said('leads', 'desk')}, was ${said('leads')}`,
    ],
    [
      'it need be of one list where it had to be of two',
      { approvers: [[LEADS], [DESK]] },
      { approvers: [[LEADS]] },
      `approvers: ${said('leads')}, was ${said('leads', 'desk')}`,
    ],
  ])('%s, and not the other way round', (_, old, next, line) => {
    expect(linesOf(old, next)).toEqual([`approval.${line}`]);
    expect(linesOf(old, old)).toEqual([]);
    expect(linesOf(next, old)).toEqual([]);
  });

  test('others may give it', () => {
    expect(linesOf({ approvers: [[LEADS]] }, { approvers: [[DESK]] })).toEqual([
      `approval.approvers: ${said('desk')}, was ${said('leads')}`,
    ]);
  });

  test('a list of approvers is narrower by each that is left out, and by each list that is added', () => {
    expect(linesOf({ approvers: [[LEADS, DESK]] }, { approvers: [[DESK]] })).toEqual([]);
    expect(linesOf({ approvers: [[LEADS, DESK]] }, { approvers: [[DESK], [named('more')]] })).toEqual([]);
    expect(linesOf({ approvers: [[LEADS], [DESK]] }, { approvers: [[DESK], [LEADS]] })).toEqual([]);
  });

  test('of proofs any is the least, and both the most', () => {
    const wider = PROOFS.map((old) => PROOFS.filter((next) => linesOf({ proof: old }, { proof: next }).length > 0));
    expect(Object.fromEntries(PROOFS.map((old, at) => [old, wider[at]]))).toEqual({
      any: [],
      passphrase: ['any', 'passkey'],
      passkey: ['any', 'passphrase'],
      both: ['any', 'passphrase', 'passkey'],
    });
    expect(linesOf({ proof: 'both' }, { proof: 'passkey' })).toEqual(['approval.proof: passkey, was both']);
  });

  test('nothing is said it asks the usual', () => {
    expect(linesOf(undefined, {})).toEqual([]);
    expect(linesOf({ quorum: 2 }, undefined)).toEqual(['approval.quorum: 1, was 2']);
    expect(linesOf(undefined, { uses: 2 })).toEqual(['approval.uses: 2, was 1']);
  });
});

describe('what flows and cases ask is compared one by one', () => {
  const between = (old: string, next: string): readonly string[] =>
    widenings(profileOf(old), profileOf(next)).map(wideningText);

  test('of a flow that held and holds', () => {
    const flow = (then: string): string =>
      `${HEAD}${SERVERS}flows: [{ id: out, when: { labels: [private], sends_to: external }, ${then} }]\ntools: { crm.act: { effect: write } }\n`;
    const [two, one] = ['then: hold, approval: { quorum: 2 }', 'then: hold'].map(flow) as [string, string];
    expect(between(two, one)).toEqual(['flows.out.approval.quorum: 1, was 2']);
    expect(between(one, two)).toEqual([]);
    expect(between(two, flow('then: deny'))).toEqual([]);
    expect(between(flow('then: deny'), two)).toEqual(['flows.out.then: hold, was deny']);
  });

  test('of a case with the case of its own id, where there was one', () => {
    const cases = (...said: readonly string[]): string => saidOfTool(`{ effect: write, cases: [${said.join(', ')}] }`);
    const held = (id: string, quorum: number) =>
      `{ id: ${id}, when: { n: { const: ${id} } }, then: hold, approval: { quorum: ${quorum} } }`;
    expect(between(cases(held('a', 3), held('b', 2)), cases(held('a', 3), held('b', 2)))).toEqual([]);
    expect(between(cases(held('a', 3), held('b', 2)), cases(held('a', 3), held('b', 1)))).toEqual([
      'tools.crm.act.cases.b.approval.quorum: 1, was 2',
    ]);
    expect(between(saidOfTool('{ effect: write }'), cases(held('a', 2)))).toEqual([]);
  });
});
