import { describe, expect, it } from 'vitest';
import type { Circumstances, TargetPolicy } from '../../src/domain/policy.ts';
import { HEAD, PLAIN, problemsIn, profileOf, SERVERS } from './policy-text.ts';

const start = `${HEAD}${SERVERS}`;
const touched = (...labels: string[]): Circumstances => ({ ...PLAIN, labels });
const LEAVE =
  '{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: hold, reason: Two kinds met. }';

describe('labels and reach', () => {
  const of = (tool: string, defaults = '{}') =>
    profileOf(
      `${HEAD}servers: { crm: { command: [a], defaults: ${defaults} } }\ntools: { crm.act: ${tool} }\n`,
    ).tools.get('crm.act')?.contract;

  it('are the worst where nothing is said', () => {
    expect(of('{}')).toMatchObject({ labels: ['private', 'untrusted'], sendsTo: 'external' });
    expect(of('{ effect: read }')).toMatchObject({ labels: ['private', 'untrusted'], sendsTo: 'external' });
  });

  it('are what the server says of all, and what the tool says before that', () => {
    const defaults = '{ labels: [private], sends_to: internal }';
    expect(of('{}', defaults)).toMatchObject({ labels: ['private'], sendsTo: 'internal' });
    expect(of('{ labels: [], sends_to: none }', defaults)).toMatchObject({ labels: [], sendsTo: 'none' });
    expect(of('{ labels: [untrusted, pii] }', defaults)?.labels).toEqual(['pii', 'untrusted']);
  });

  it('a draft stays inside, unless one of its cases is more than a draft', () => {
    expect(of('{ effect: draft }')?.sendsTo).toBe('internal');
    expect(of('{ effect: draft }', '{ sends_to: external }')?.sendsTo).toBe('internal');
    expect(of('{ effect: draft }', '{ sends_to: none }')?.sendsTo).toBe('none');
    expect(of('{ effect: draft, cases: [{ id: a, when: {}, then: allow, effect: write }] }')?.sendsTo).toBe('external');
  });

  it('are said of resources and prompts alike', () => {
    const { resources, prompts } = profileOf(
      `${HEAD}servers: { crm: { command: [a], defaults: { sends_to: internal } } }\ntools: {}\nresources: [{ server: crm, uri: "a:b", labels: [private], sends_to: none }]\nprompts: [{ server: crm, name: p }]\n`,
    );
    expect(resources[0]?.contract).toMatchObject({ labels: ['private'], sendsTo: 'none' });
    expect(prompts.get('crm.p')?.contract).toMatchObject({ labels: ['private', 'untrusted'], sendsTo: 'internal' });
  });
});

describe('a flow', () => {
  const profile = profileOf(`${start}tools:
  crm.read: { effect: read, sends_to: none }
  crm.note: { effect: write, sends_to: internal }
  crm.send: { sends_to: external }
resources: [{ server: crm, uri: "a:b" }]
prompts: [{ server: crm, name: p }]
flows:
  - ${LEAVE}
  - { id: secret, when: { labels: [private], sends_to: internal }, then: deny }
`);
  const needs = (target: TargetPolicy | undefined, circumstances: Circumstances) => {
    const judged = target?.judge({}, circumstances);
    return judged?.verdict === 'allow' ? judged.needs : judged?.rules;
  };

  it('is met by what sends so far, once the session has touched all of its labels', () => {
    const send = profile.tools.get('crm.send');
    expect(needs(send, touched())).toEqual([]);
    expect(needs(send, touched('untrusted'))).toEqual([]);
    const only = profileOf(`${start}tools: { crm.send: {} }\nflows: [${LEAVE}]\n`).tools.get('crm.send');
    expect(needs(only, touched('private'))).toEqual([]);
    expect(needs(only, touched('more', 'private', 'untrusted'))).toEqual([
      { kind: 'flow', rule: 'flows.stays', reason: 'Two kinds met.' },
    ]);
    expect(only).toMatchObject({ canHold: true, seesLabels: true });
  });

  it('binds what sends farther than it says, too, and the strictest that is met wins', () => {
    expect(needs(profile.tools.get('crm.note'), touched('private'))).toEqual(['flows.secret']);
    expect(needs(profile.tools.get('crm.send'), touched('private', 'untrusted'))).toEqual(['flows.secret']);
    expect(profile.tools.get('crm.send')?.judge({}, touched('private'))).toMatchObject({
      reason: 'this session has touched private data, which may not leave',
    });
  });

  it('does not bind what sends less far', () => {
    expect(needs(profile.tools.get('crm.read'), touched('private', 'untrusted'))).toEqual([]);
    expect(profile.tools.get('crm.read')?.seesLabels).toBe(false);
  });

  it('binds resources and prompts: a URI and an argument are sent, too', () => {
    for (const target of [...profile.resources, ...profile.prompts.values()])
      expect(needs(target, touched('private'))).toEqual(['flows.secret']);
  });

  it('changes the digest of what it binds, and of nothing else', () => {
    const digests = (flows: string) => {
      const { tools } = profileOf(`${start}tools: { crm.a: { sends_to: none }, crm.b: {} }\nflows: [${flows}]\n`);
      return [...tools.values()].map(({ digest }) => digest);
    };
    const [a, b] = digests('');
    const [one, other] = digests(LEAVE);
    expect(one).toBe(a);
    expect(other).not.toBe(b);
  });

  it('only observes where it says so, and hands on what it would have done', () => {
    const tool = profileOf(
      `${start}tools: { crm.act: { effect: write } }\nflows: [${LEAVE.replace('}, then', '}, mode: observe, then')}]\n`,
    ).tools.get('crm.act');
    expect(tool?.judge({}, touched('private', 'untrusted'))).toMatchObject({
      verdict: 'allow',
      needs: [],
      rules: ['crm.act'],
      observed: [{ rule: 'flows.stays', would: 'hold', reason: 'Two kinds met.' }],
    });
    expect(tool?.canHold).toBe(false);
    expect(tool?.restrictions).toEqual([]);
  });

  it('counts how far answers to a server’s questions go', () => {
    const asks = (more: string) =>
      profileOf(`${HEAD}servers: { crm: { command: [a], asks: { roots: true }${more} } }\ntools: { crm.act: {} }\n`)
        .answersGo;
    expect([...asks('')]).toEqual([['crm', 'external']]);
    expect([...asks(', defaults: { sends_to: none }')]).toEqual([['crm', 'none']]);
    expect([...profileOf(`${start}tools: { crm.act: {} }\n`).answersGo]).toEqual([]);
  });

  it('may be for answers alone', () => {
    const text = `${HEAD}servers: { crm: { command: [a], asks: { roots: true } } }\ntools: { crm.act: { sends_to: none } }\nflows: [${LEAVE}]\n`;
    expect(problemsIn(text)).toEqual([]);
  });
});

describe('a flow that would not do what it says is refused', () => {
  const told = (tool: string, ...flows: string[]) =>
    problemsIn(`${start}tools: { crm.act: ${tool} }\nflows:\n${flows.map((one) => `  - ${one}\n`).join('')}`);

  it.each([
    [
      'misspelt throughout',
      '{}',
      ['{ id: 1, when: { label: [private], sends_to: extern }, than: hold }', 'x'],
      [
        '7:5: "then" is missing; expected one of hold, deny',
        '7:11: expected text, found 1',
        '7:14: "labels" is missing; expected a list',
        '7:22: unknown key "label"; did you mean "labels"?',
        '7:50: expected one of internal, external, found "extern"; did you mean "external"?',
        '7:60: unknown key "than"; did you mean "then"?',
        '8:5: expected a mapping, found "x"',
      ],
    ],
    [
      'for all sessions, for what reaches nobody, to allow',
      '{}',
      ['{ id: a, when: { labels: [], sends_to: none }, then: allow }'],
      [
        '7:30: expected a list of at least 1',
        '7:44: expected one of internal, external, found "none"',
        '7:58: expected one of hold, deny, found "allow"',
      ],
    ],
    ['twice by one name', '{}', [LEAVE, LEAVE], ['8:11: the id "stays" is used twice']],
    [
      'of labels that nothing raises',
      '{ labels: [private] }',
      ['{ id: a, when: { labels: [private, privat], sends_to: external }, then: deny }'],
      ['7:40: unused: nothing raises the label "privat"; did you mean "private"?'],
    ],
    ['to where nothing sends', '{ sends_to: internal }', [LEAVE], ['7:66: unused: nothing sends as far as external']],
    [
      'on trial for what cannot be undone',
      '{ cases: [{ id: a, when: {}, then: hold, effect: read }, { id: b, when: {}, then: allow }] }',
      [LEAVE.replace('}, then', '}, mode: observe, then')],
      ['7:84: what cannot be undone is not tried out, and this flow is for crm.act: take "mode: observe" out'],
    ],
    [
      'of a label that is listed twice, or is none',
      '{ labels: [a, B, a] }',
      [],
      [
        '5:33: expected a label: lower-case letters, digits, "-" and "_", a letter first',
        '5:36: "a" is listed twice',
        '6:7: expected a list, found nothing',
      ],
    ],
    [
      'and a label that is one slip from another would never be met',
      '{ labels: [privte, pii] }',
      ['{ id: a, when: { labels: [pii], sends_to: external }, then: deny }'],
      ['5:29: no flow names the label "privte"; did you mean "private"?'],
    ],
    [
      'and a draft that is sent is none',
      '{ effect: draft, sends_to: external }',
      ['{ id: a, when: { labels: [private], sends_to: external }, then: deny }'],
      ['5:46: a draft never sends_to external: what leaves is sent; say effect: write or irreversible'],
    ],
  ])('%s', (_name, tool, flows, problems) => {
    expect(told(tool, ...flows)).toEqual(problems);
  });
});
