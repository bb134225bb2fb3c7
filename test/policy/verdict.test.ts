import { describe, expect, test } from 'vitest';
import { targetOf } from '../../src/domain/contract.ts';
import type { PastCall } from '../../src/domain/history.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { policyOf, verdictOf } from '../../src/policy/judge/verdict.ts';
import { HEAD, profileOf, ref, SERVERS } from './policy-text.ts';

const NOW = 1_000_000_000_000;

const PROFILE = profileOf(`${HEAD}${SERVERS}tools:
  crm.get: { effect: read }
  crm.send:
    effect: write
    approval: { reason: Mail cannot be called back. }
    after:
      - { tool: crm.get, within: 1h, where: { output.case.id: "${ref('arguments.case_id')}" } }
      - { tool: crm.get, within: 5m, mode: observe, reason: It should be fresh. }
    not_after: [{ tool: crm.close, within: 30d, where: { arguments.case_id: "${ref('arguments.case_id')}" }, reason: It is closed. }]
    limits:
      - { count: calls, within: 1d, max: 1, where: { arguments.to: { enum: [a, b] }, arguments.kind: spam } }
      - { sum: "${ref('arguments.refund.amount')}", within: 24h, max: 0.5, per: principal, reason: Money is short }
  crm.close: { effect: write }
resources: [{ server: crm, uri: "crm://cases/*" }]
prompts: [{ server: crm, name: hello }]
`);

/** The verdict on a call after these: target, minutes ago, arguments, structured output. */
function verdict(
  target: string,
  effective: JsonObject,
  earlier: readonly (readonly [target: string, minutes: number, given: JsonObject, output?: JsonObject])[] = [],
) {
  const calls = earlier.map(([name, minutes, given, output]): PastCall => {
    const recorder = PROFILE.recorders.get(name);
    const fields = { ...recorder?.ofCall(given), ...recorder?.ofResult({ structuredContent: output }) };
    const at = NOW - minutes * 60_000;
    return { target: name, at, settledAt: at, outcome: 'ok', fields };
  });
  const past = (_: unknown, asked: string | undefined) =>
    calls.filter((one) => asked === undefined || one.target === asked);
  return verdictOf(PROFILE, target, effective, { labels: [], dir: '/', past, at: NOW });
}

const GIVEN = { case_id: 'c1', refund: { amount: 0.1 } };
const READ = ['crm.get', 30, {}, { case: { id: 'c1' } }] as const;

describe('the verdict on a call and its history', () => {
  test('says who must be asked, and what was only observed', () => {
    expect(verdict('crm.send', GIVEN, [READ])).toEqual({
      verdict: 'hold',
      rules: ['crm.send.approval'],
      reason: 'Mail cannot be called back.',
      remedy: undefined,
      observed: [{ rule: 'crm.send.after.1', would: 'deny', reason: 'It should be fresh' }],
    });
    expect(verdict('crm.send', GIVEN, [READ, ['crm.get', 4, {}]]).observed).toEqual([]);
    expect(verdict('crm.close', {})).toMatchObject({ verdict: 'allow', rules: ['crm.close'] });
  });

  test('names the rule that is not met, why, and the way round', () => {
    expect(verdict('crm.send', GIVEN)).toMatchObject({
      verdict: 'deny',
      rules: ['crm.send.after.0'],
      reason:
        "this is allowed only after a call of `crm.get` that succeeded within 1h with `output.case.id` equal to this call's `case_id`",
      remedy: "call `crm.get` with `output.case.id` equal to this call's `case_id` first",
    });
    expect(verdict('crm.send', GIVEN, [READ, ['crm.close', 9, { case_id: 'c1' }]])).toMatchObject({
      rules: ['crm.send.not_after.0'],
      reason: 'It is closed',
    });
    expect(verdict('crm.send', GIVEN, [READ, ['crm.send', 9, { refund: { amount: 0.45 } }]])).toMatchObject({
      rules: ['crm.send.limits.0'],
    });
    const harmless = { to: 'c', kind: 'spam', refund: { amount: 0.45 } };
    expect(verdict('crm.send', GIVEN, [READ, ['crm.send', 9, harmless]])).toMatchObject({
      rules: ['crm.send.limits.1'],
      reason: 'Money is short',
    });
    expect(verdict('crm.send', { case_id: 'c1' }, [READ])).toMatchObject({
      rules: ['crm.send.limits.1'],
      reason: '`refund.amount` must be an amount from 0 to 1000000000: it counts towards a limit',
    });
  });

  test('denies what the profile does not have, and judges prompts and resources alike', () => {
    expect(verdict('crm.none', {})).toMatchObject({ verdict: 'deny', rules: ['tools'] });
    expect(verdict('prompt crm.none', {})).toMatchObject({ verdict: 'deny', rules: ['prompts'] });
    expect(verdict('prompt crm.hello', {})).toMatchObject({ verdict: 'allow', rules: ['prompt crm.hello'] });
    expect(verdict('resource crm crm://cases/1', {})).toMatchObject({ verdict: 'allow' });
    expect(verdict('resource crm crm://people/1', {})).toMatchObject({ verdict: 'deny', rules: ['resources'] });
  });
});

describe('the words of a verdict', () => {
  const said = (more: string, flow = FLOW) => {
    const profile = profileOf(`${HEAD}${SERVERS}tools: { crm.act: { effect: write, ${more} } }\n${flow}`);
    return verdictOf(profile, 'crm.act', {}, { labels: ['private'], dir: '/', past: () => [], at: NOW });
  };
  const FLOW =
    'flows: [{ id: out, when: { labels: [private], sends_to: external }, then: hold, reason: It is private. }]\n';

  test('are the reasons that the policy gives, or none', () => {
    expect(said('approval: {}', '').reason).toBe(undefined);
    expect(said('labels: [private], sends_to: external, approval: {}').reason).toBe('It is private.');
    expect(said('labels: [private], sends_to: external, approval: { reason: Look. }').reason).toBe(
      'It is private.; Look.',
    );
  });

  test('of a denial speak of nothing that was only observed', () => {
    expect(verdict('crm.none', {})).toEqual({
      verdict: 'deny',
      rules: ['tools'],
      reason: 'crm.none is not in tools',
      remedy: undefined,
      observed: [],
    });
  });
});

test('a target is looked for where its words say: a resource by its server and its whole URI, all else among tools', () => {
  const kindOf = (target: string) => {
    const found = policyOf(PROFILE, target, '/');
    return 'kind' in found ? found.kind : targetOf(found.contract);
  };
  expect(kindOf('resource crm crm://cases/1')).toBe('resource crm crm://cases/*');
  for (const target of ['resource desk crm://cases/1', 'resource crm crm://cases/ 1', 'resource crm'])
    expect(kindOf(target)).toBe('resources');
  for (const target of ['page crm crm://cases/1', 'resource', 'crm', 'crm.get crm'])
    expect(kindOf(target)).toBe('tools');
  expect(kindOf('crm.get')).toBe('crm.get');
});

test('agents read each rule that refuses in a sentence', () => {
  expect(PROFILE.tools.get('crm.send')?.restrictions.slice(1)).toEqual([
    "Only after a call of `crm.get` that succeeded within 1h with `output.case.id` equal to this call's `case_id`.",
    'Not after a call of `crm.close` less than 30d ago with the same `case_id`: It is closed.',
    'At most 1 call in 1d with `arguments.to` that is one of "a", "b" and `arguments.kind` that is "spam".',
    'At most 0.5 of `refund.amount` in 24h, over all your sessions: Money is short.',
  ]);
});

test('two rules that differ only in what they forbid are two rules to whoever approved one of them', () => {
  const digest = (rules: string) =>
    profileOf(`${HEAD}${SERVERS}tools: { crm.get: {}, crm.act: { effect: write, ${rules} } }`).tools.get('crm.act')
      ?.digest;
  const digests = [
    'after: [{ tool: crm.get }]',
    'not_after: [{ tool: crm.get }]',
    'after: [{ tool: crm.get, per: principal }]',
    'after: [{ tool: crm.get, within: 1h }]',
    'after: [{ tool: crm.get, mode: observe }]',
  ].map(digest);
  expect(new Set(digests).size).toBe(digests.length);
});

describe('what a target means', () => {
  const TWO = profileOf(`${HEAD}servers: { crm: { command: [node, crm.js] }, wiki: { command: [node, wiki.js] } }
tools: { crm.get: { effect: read }, wiki.get: { effect: read } }
resources: [{ server: crm, uri: "crm://**" }]
`);

  test('is a resource of the server that it names, and of no other with such URIs', () => {
    expect(policyOf(TWO, 'resource crm crm://a', '/')).toMatchObject({ contract: { kind: 'resource' } });
    expect(policyOf(TWO, 'resource wiki crm://a', '/')).toEqual({ kind: 'resources' });
    expect(policyOf(TWO, 'resource crm', '/')).toEqual({ kind: 'resources' });
  });

  test('is a tool where it says nothing else', () => {
    expect(policyOf(TWO, 'resource', '/')).toEqual({ kind: 'tools' });
    expect(policyOf(TWO, 'crm get', '/')).toEqual({ kind: 'tools' });
  });

  test('is the URI to its end, blanks and all', () => {
    const matched: string[] = [];
    const [one] = TWO.resources;
    if (one === undefined) throw new Error('there is one');
    const listening = { ...one, matches: (uri: string) => matched.push(uri) > 0 };
    policyOf({ ...TWO, resources: [listening] }, 'resource crm crm://a b  c', '/');
    expect(matched).toEqual(['crm://a b  c']);
  });
});

describe('the reasons of a verdict', () => {
  const given = { labels: ['private'], dir: '/', past: () => [], at: NOW };
  const held = (rules: string, flow = '') =>
    verdictOf(
      profileOf(`${HEAD}${SERVERS}tools: { crm.act: { effect: write, sends_to: internal, ${rules} } }\n${flow}`),
      'crm.act',
      {},
      given,
    );
  const FLOW = 'flows: [{ id: f, when: { labels: [private], sends_to: internal }, then: hold, reason: It leaves. }]\n';

  test('are all of those that a person is asked for, and none where none is given', () => {
    expect(held('approval: {}')).toMatchObject({ verdict: 'hold', reason: undefined });
    expect(held('approval: { reason: It is dear. }', FLOW)).toMatchObject({
      verdict: 'hold',
      reason: 'It leaves.; It is dear.',
    });
  });

  test('come with nothing observed where it is denied', () => {
    expect(held('cases: [{ id: no, when: {}, then: deny }]')).toMatchObject({ verdict: 'deny', observed: [] });
  });
});
