/** What a policy may ask of an approval: how it is read, judged, described, explained, doubted and compared. */
import { describe, expect, test } from 'vitest';
import { problemText } from '../../src/document/document.ts';
import { type Terms, termsOf, USUAL_TERMS } from '../../src/domain/terms.ts';
import { explain } from '../../src/policy/explain/explain.ts';
import { type LoadedPolicy, loadUntested } from '../../src/policy/file/load.ts';
import { lint } from '../../src/policy/lint/lint.ts';
import { wideningText } from '../../src/policy/widening/widening.ts';
import { widenings } from '../../src/policy/widening/widenings.ts';

const ISSUER = 'https://login.example.com';
const OTHER = 'https://other.example.com';
const WHO = `[{ issuer: "${ISSUER}" }]`;
const MINUTE = 60_000;

const textOf = (rules: string, who = WHO, more = ''): string =>
  `version: 1\nprofile: demo\nwho: ${who}\nservers: { crm: { command: [node, crm.js] } }\ntools: { crm.act: ${rules} }\n${more}`;

function loaded(text: string, issuers?: ReadonlySet<string>): LoadedPolicy {
  const read = loadUntested({ file: 'p.yaml', text, issuers });
  if (!read.ok) throw new Error(read.error.map(problemText).join('\n'));
  return read.value;
}

function askedOf(rules: string, more = '', given = {}): Terms {
  const tool = loaded(textOf(rules, WHO, more)).profile.tools.get('crm.act');
  const judged = tool?.judge(given, { labels: ['private', 'untrusted'], dir: '/' });
  if (judged?.verdict !== 'allow') throw new Error('it was denied');
  return termsOf(judged.needs);
}

describe('an approval asks', () => {
  test('for the usual where it says nothing, and for what it says', () => {
    expect(askedOf('{ approval: { reason: Look. } }')).toEqual(USUAL_TERMS);
    expect(
      askedOf(
        `{ effect: write, approval: { approvers: [group:leads, "user:eve@home@${ISSUER}"], quorum: 2, answer_within: 2d, use_within: 10s, allow_requester: true, uses: 100, proof: passphrase } }`,
      ),
    ).toEqual({
      approvers: [
        [
          { kind: 'group', name: 'leads', issuer: ISSUER },
          { kind: 'user', name: 'eve@home', issuer: ISSUER },
        ],
      ],
      ...{ quorum: 2, proof: 'passphrase', answerWithin: 2 * 24 * 60 * MINUTE, useWithin: 10_000 },
      ...{ allowRequester: true, uses: 100 },
    });
  });

  test('in a case of its own instead of the tool’s, and of all that hold for the strictest of each', () => {
    const cases = `cases: [{ id: large, when: { n: { minimum: 5 } }, then: hold }, { id: own, when: { m: { minimum: 5 } }, then: hold, approval: { quorum: 3, uses: 5, allow_requester: true } }]`;
    const rules = `{ effect: write, ${cases}, approval: { quorum: 2, use_within: 1m, uses: 9, allow_requester: true, approvers: [group:leads] } }`;
    const asked = (given: object) => askedOf(rules, '', given);
    expect(asked({ n: 9, m: 1 })).toMatchObject({ quorum: 2, useWithin: MINUTE, uses: 9, approvers: [[{}]] });
    expect(asked({ n: 1, m: 9 })).toMatchObject({
      quorum: 3,
      useWithin: USUAL_TERMS.useWithin,
      uses: 5,
      approvers: [],
    });
    expect(asked({ n: 9, m: 9 })).toMatchObject({ quorum: 3, useWithin: MINUTE, uses: 5, allowRequester: true });
    const flows = `flows: [{ id: out, when: { labels: [private], sends_to: external }, then: hold, approval: { approvers: [group:desk], answer_within: 1m } }]\n`;
    expect(askedOf(`{ approval: { approvers: [group:leads], allow_requester: true } }`, flows)).toMatchObject({
      approvers: [[{ name: 'desk' }], [{ name: 'leads' }]],
      ...{ answerWithin: MINUTE, allowRequester: false },
    });
  });

  test('of both proofs where one rule asks for one and another for the other', () => {
    const needs = (...proofs: readonly Terms['proof'][]) =>
      termsOf(proofs.map((proof) => ({ terms: { ...USUAL_TERMS, proof } }))).proof;
    expect(needs('any', 'passkey')).toBe('passkey');
    expect(needs('passkey', 'any', 'passphrase')).toBe('both');
    expect(needs('both', 'passphrase')).toBe('both');
    expect(needs('passphrase', 'passphrase')).toBe('passphrase');
  });
});

test('approvers are of the issuers of the deployment, where it is known', () => {
  const text = textOf('{ approval: { approvers: [group:leads] } }');
  expect(loaded(text, new Set([ISSUER])).issuers).toEqual([ISSUER]);
  const several = loadUntested({ file: 'p.yaml', text, issuers: new Set([ISSUER, OTHER]) });
  expect(several.ok ? [] : several.error.map(problemText)).toEqual([
    `p.yaml:5:45: ambiguous, since there are several issuers: write "group:leads@${ISSUER}" or "group:leads@${OTHER}"`,
  ]);
});

test('agents read how many must agree', () => {
  const words = (rules: string, more = '') =>
    loaded(textOf(rules, WHO, more)).profile.tools.get('crm.act')?.restrictions;
  expect(words('{ approval: { quorum: 2, reason: Money. } }')).toEqual(['Two people must approve every call: Money.']);
  const cases =
    '{ cases: [{ id: a, when: {}, then: hold }, { id: b, when: {}, then: hold, approval: {} }], approval: { quorum: 3 } }';
  expect(words(cases)?.slice(0, 2)).toEqual([
    'Three people must approve the call in every case.',
    'A person must approve the call in every case.',
  ]);
  const flows =
    'flows: [{ id: out, when: { labels: [private], sends_to: external }, then: hold, approval: { quorum: 2 } }]\n';
  expect(words('{}', flows)).toEqual(['Two people must approve the call once this session has touched private data.']);
});

test('an explanation says what an approval takes beside the usual', () => {
  const explained = (rules: string) => explain(loaded(textOf(rules)), 'crm.act', {}, { labels: [] }).approval;
  expect(
    explained('{ effect: write, approval: { quorum: 2, approvers: [group:leads], answer_within: 90m, uses: 3 } }'),
  ).toEqual(['2 people', `by group:leads@${ISSUER}`, 'answered within 90m', 'for up to 3 such calls']);
  expect(explained('{ approval: {} }')).toEqual([]);
  expect(explained('{ effect: read }')).toEqual([]);
});

describe('an approval nobody can give is doubted:', () => {
  const doubts = (approval: string, who: string, more = ''): readonly string[] =>
    lint(loaded(textOf(`{ effect: write, approval: ${approval} }`, who, more), new Set([ISSUER, OTHER])))
      .map(problemText)
      .filter((line) => line.includes('nobody can give'))
      .map((line) => line.replace('p.yaml:', ''));
  const LOCALLY = '5:36: an approval nobody can give: agents of this machine are answered by its user alone';

  test.each([
    ['two people at one machine', '{ quorum: 2 }', 'local', [`${LOCALLY}, and quorum is 2`]],
    [
      'people of an issuer for agents of this machine',
      `{ approvers: ["group:a@${ISSUER}"] }`,
      'local',
      [`${LOCALLY}, whom no approvers name`],
    ],
    ['the same for some callers', `{ quorum: 2 }`, `[local, { issuer: "${ISSUER}" }]`, [`${LOCALLY}, and quorum is 2`]],
    [
      'people of another issuer',
      `{ approvers: ["group:a@${OTHER}"] }`,
      WHO,
      [`5:36: an approval nobody can give: no approvers are of ${ISSUER}, whose callers ask`],
    ],
    [
      'fewer than must',
      `{ quorum: 2, approvers: ["user:a@${ISSUER}", "user:b@${OTHER}"] }`,
      WHO,
      ['5:36: an approval nobody can give: 1 of the approvers can answer, and quorum is 2'],
    ],
    [
      'who asks alone',
      `{ approvers: ["user:a@${ISSUER}"] }`,
      `[{ issuer: "${ISSUER}", subjects: [a] }]`,
      ['5:36: an approval nobody can give: 0 of the approvers can answer, and quorum is 1'],
    ],
    ['a group may have as many as it takes', `{ quorum: 5, approvers: ["group:a@${ISSUER}"] }`, WHO, []],
    ['one person at one machine', '{ quorum: 1, uses: 2 }', 'local', []],
  ] as const)('%s', (_, approval, who, said) => {
    expect(doubts(approval, who)).toEqual(said);
  });

  test('of cases, resources, prompts and flows, too', () => {
    const two = 'approval: { quorum: 2 }';
    const more = `resources: [{ server: crm, uri: "crm://a", ${two} }]\nprompts: [{ server: crm, name: a, ${two} }]\nflows: [{ id: out, when: { labels: [private], sends_to: external }, then: hold, ${two} }]\n`;
    const text = textOf(`{ cases: [{ id: a, when: {}, then: hold, ${two} }] }`, 'local', more);
    const places = lint(loaded(text)).filter(({ message }) => message.includes('nobody can give'));
    expect(places.map(({ line }) => line)).toEqual([5, 6, 7, 8]);
  });
});

describe('of two policies the second is wider where it', () => {
  const between = (old: string, next: string) =>
    widenings(
      loaded(textOf(`{ effect: write, approval: { ${old} } }`)).profile,
      loaded(textOf(`{ effect: write, approval: { ${next} } }`)).profile,
    ).map((one) => wideningText(one).replace('tools.crm.act.approval.', ''));

  test.each([
    ['quorum: 2', 'quorum: 1', ['quorum: 1, was 2']],
    ['approvers: [group:a]', '', [`approvers: nothing, was ["group:a@${ISSUER}"]`]],
    [
      'approvers: [group:a]',
      'approvers: [group:a, group:b]',
      [`approvers: ["group:a@${ISSUER}","group:b@${ISSUER}"], was ["group:a@${ISSUER}"]`],
    ],
    ['proof: passphrase', '', ['proof: any, was passphrase']],
    ['', 'answer_within: 5h', ['answer_within: 5h, was 4h']],
    ['', 'use_within: 31m', ['use_within: 31m, was 30m']],
    ['', 'allow_requester: true', ['allow_requester: true, was false']],
    ['', 'uses: 2', ['uses: 2, was 1']],
  ])('asks less: %s, then %s', (old, next, said) => {
    expect(between(old, next)).toEqual(said);
    // The other way round asks for more, which nobody has to agree to.
    expect(between(next, old)).toEqual([]);
  });

  test('but not for other words', () => {
    expect(between('reason: Look., quorum: 2', 'reason: Look twice., quorum: 2')).toEqual([]);
  });

  test('in a case, an approval of its own or the tool’s, and in a flow', () => {
    const cased = (own: string, tool: string) =>
      loaded(textOf(`{ effect: write, cases: [{ id: a, when: {}, then: hold${own} }]${tool} }`)).profile;
    const lines = (old: LoadedPolicy['profile'], next: LoadedPolicy['profile']) =>
      widenings(old, next).map(wideningText);
    const two = ', approval: { quorum: 2 }';
    const said = ['tools.crm.act.cases.a.approval.quorum: 1, was 2'];
    expect(lines(cased('', two), cased(', approval: { reason: Look. }', two))).toEqual(said);
    expect(lines(cased(two, ''), cased('', ''))).toEqual(said);
    expect(lines(cased(two, ''), cased('', two))).toEqual([]);
    const flow = (asked: string) =>
      loaded(
        textOf(
          '{}',
          WHO,
          `flows: [{ id: out, when: { labels: [private], sends_to: external }, then: hold${asked} }]\n`,
        ),
      ).profile;
    expect(lines(flow(two), flow(''))).toEqual(['flows.out.approval.quorum: 1, was 2']);
    expect(lines(flow(''), flow(two))).toEqual([]);
  });
});
