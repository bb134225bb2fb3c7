import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { observingWords } from '../../src/policy/file/observing.ts';
import { HEAD, PLAIN, problemsIn, profileOf, SERVERS, saidOfTool, toolOf } from './policy-text.ts';

const judged = (rules: string, given: JsonObject, rest = '') =>
  profileOf(saidOfTool(rules) + rest)
    .tools.get('crm.act')
    ?.judge(given, PLAIN);
const OBSERVING = 'mode: observe\n';

describe('a case with an effect and an approval of its own', () => {
  const rules =
    '{ effect: read, cases: [{ id: look, when: { do: { const: look } }, then: allow }, { id: drop, when: { do: { const: drop } }, then: hold, effect: irreversible, approval: { reason: Gone is gone. } }, { id: all, when: {}, then: allow }] }';

  it('gives them to the calls that match it, the worst of all that do', () => {
    expect(judged(rules, { do: 'look' })).toMatchObject({ effect: 'read', needs: [] });
    expect(judged(rules, { do: 'drop' })).toMatchObject({
      effect: 'irreversible',
      needs: [{ rule: 'crm.act.cases.drop', reason: 'Gone is gone.' }],
    });
    // Absent counts as what is worst.
    expect(judged(rules, {})).toMatchObject({ effect: 'irreversible' });
  });

  it('may make the worst call milder than the tool would be unsaid', () => {
    expect(toolOf('{ cases: [{ id: a, when: {}, then: allow, effect: read }] }').worst).toBe('read');
    expect(
      toolOf(
        '{ cases: [{ id: a, when: {}, then: allow, effect: read }, { id: b, when: {}, then: deny, effect: write }] }',
      ).worst,
    ).toBe('read');
    expect(toolOf('{ effect: read, cases: [{ id: a, when: {}, then: deny, effect: write }] }').worst).toBe('read');
  });

  it.each([
    [
      'an approval of what asks nobody',
      '{ cases: [{ id: a, when: {}, then: deny, approval: {} }] }',
      ['5:70: unused: only a case with "then: hold" asks a person'],
    ],
    [
      'a trial of what allows',
      '{ cases: [{ id: a, when: {}, then: allow, mode: observe }] }',
      ['5:67: what allows has nothing to observe: "mode: observe" is for hold and deny'],
    ],
    [
      'a trial of what cannot be undone',
      '{ cases: [{ id: a, when: {}, then: allow }, { id: b, when: {}, then: deny, mode: observe }] }',
      ['5:100: what cannot be undone is not tried out: take "mode: observe" out, or say the effect of this case'],
    ],
    [
      'modes that there are not',
      '{ mode: observe, cases: [{ id: a, when: {}, then: deny, mode: watch }] }',
      [
        '5:21: not yet: "mode" comes later and has no effect in this version',
        '5:81: expected one of enforce, observe, found "watch"',
      ],
    ],
  ])('%s is refused', (_name, rules, problems) => {
    expect(problemsIn(saidOfTool(rules))).toEqual(problems);
  });
});

describe('a case that only observes', () => {
  const rules =
    '{ effect: write, cases: [{ id: small, when: { n: { maximum: 5 } }, then: allow }, { id: tiny, when: { n: { maximum: 1 } }, then: hold, mode: observe, reason: New. }, { id: big, when: { n: { minimum: 6 } }, then: deny, mode: observe }] }';

  it('refuses nothing that is allowed without it, and says what it would have done', () => {
    expect(judged(rules, { n: 1 })).toMatchObject({
      verdict: 'allow',
      needs: [],
      rules: ['crm.act.cases.small'],
      observed: [{ rule: 'crm.act.cases.tiny', would: 'hold', reason: 'New.' }],
    });
  });

  it('admits nothing that is not allowed without it', () => {
    expect(judged(rules, { n: 7 })).toMatchObject({ verdict: 'deny', rules: ['crm.act.cases'] });
  });

  it('asks nothing of the agent', () => {
    expect(toolOf(rules).restrictions).toEqual([
      'Allowed when `n` is <= 5.',
      'Where several of these apply, the strictest does. Anything else is denied.',
    ]);
    expect(toolOf(rules).canHold).toBe(false);
  });
});

describe('a profile that only observes', () => {
  it('refuses and holds nothing that can be undone, and says what it would have done', () => {
    expect(
      judged('{ effect: write, arguments: { n: { maximum: 5 } }, approval: {} }', { n: 6 }, OBSERVING),
    ).toMatchObject({
      verdict: 'allow',
      needs: [],
      observed: [
        { rule: 'crm.act.arguments.n', would: 'deny' },
        { rule: 'crm.act.approval', would: 'hold' },
      ],
    });
    expect(
      judged('{ effect: read, cases: [{ id: a, when: { n: { const: 1 } }, then: allow }] }', { n: 2 }, OBSERVING),
    ).toMatchObject({
      verdict: 'allow',
      observed: [{ rule: 'crm.act.cases', would: 'deny' }],
    });
  });

  it('enforces every rule where the call cannot be undone, by the tool or by the case', () => {
    expect(judged('{ arguments: { n: { maximum: 5 } } }', { n: 6 }, OBSERVING)).toMatchObject({ verdict: 'deny' });
    expect(judged('{ approval: {} }', {}, OBSERVING)).toMatchObject({ needs: [{ rule: 'crm.act.approval' }] });
    const rules =
      '{ effect: read, cases: [{ id: a, when: { n: { const: 1 } }, then: allow }, { id: b, when: { n: { const: 2 } }, then: hold, effect: irreversible }] }';
    expect(judged(rules, { n: 2 }, OBSERVING)).toMatchObject({ needs: [{ rule: 'crm.act.cases.b' }], observed: [] });
    // What no case speaks of could be the worst of them.
    expect(judged(rules, { n: 3 }, OBSERVING)).toMatchObject({ verdict: 'deny', rules: ['crm.act.cases'] });
    const tool = profileOf(saidOfTool(rules) + OBSERVING).tools.get('crm.act');
    expect(tool).toMatchObject({ observes: false, canHold: true });
  });

  it('tells the agent of no rule that is not enforced, and people that nothing is', () => {
    const tool = profileOf(saidOfTool('{ effect: write, approval: {} }') + OBSERVING);
    expect(tool.tools.get('crm.act')).toMatchObject({ restrictions: [], canHold: false, observes: true });
    expect(observingWords(tool)).toBe(
      'NOTHING IS ENFORCED in the profile demo (mode: observe): what would be refused is only written down',
    );
    expect(
      observingWords(profileOf(`${HEAD}${SERVERS}${OBSERVING}tools: { crm.a: {}, crm.b: { effect: read } }\n`)),
    ).toBe(
      'NOTHING IS ENFORCED in the profile demo (mode: observe) but what cannot be undone (1 of its entries): what would be refused is only written down',
    );
    expect(observingWords(profileOf(`${saidOfTool('{}')}mode: enforce\n`))).toBeUndefined();
  });
});

describe('classes of spending', () => {
  const spend = (tool: string, of: string) => `${saidOfTool(tool)}budgets: { session: { spend: ${of} } }\n`;
  const SCALE = '{ classes: [low, medium, high], max_class: medium }';

  it('above the dearest that is allowed are denied, by that rule, and the agent is told before it tries', () => {
    const tool = profileOf(spend('{ spend: { class: high, amount: 0.5 } }', SCALE)).tools.get('crm.act');
    expect(tool?.contract).toMatchObject({ spendClass: 'high', charges: { spend: 500_000 } });
    expect(tool?.judge({}, PLAIN)).toMatchObject({
      verdict: 'deny',
      rules: ['budgets.session.spend.max_class'],
      reason: 'it spends in the class high, and this session may spend in medium at most',
    });
    expect(tool?.restrictions).toEqual([
      'Denied: it spends in the class high, and this session may spend in medium at most.',
    ]);
  });

  it('up to it are not', () => {
    for (const one of ['low', 'medium'])
      expect(
        profileOf(spend(`{ spend: { class: ${one} } }`, SCALE))
          .tools.get('crm.act')
          ?.judge({}, PLAIN),
      ).toMatchObject({ verdict: 'allow' });
  });

  it.each([
    [
      'a class that is not on the scale',
      spend('{ spend: { class: hihg } }', SCALE),
      ['5:37: there is no class "hihg"; did you mean "high"?'],
    ],
    [
      'a class without a scale',
      saidOfTool('{ spend: { class: low } }'),
      ['5:37: there is no class "low"; budgets.session.spend has no "classes" and "max_class"'],
    ],
    [
      'a scale that nothing is on',
      spend('{}', SCALE),
      ['6:32: unused: nothing says the class that it spends in (spend: { class: ... })'],
    ],
    [
      'half a scale',
      spend('{ spend: { amount: 1 } }', '{ classes: [low], max: 1, currency: USD }'),
      ['6:41: unused: there is no "max_class"'],
    ],
    [
      'a limit on no scale',
      spend('{ spend: { amount: 1 } }', '{ max_class: low, max: 1, currency: USD }'),
      ['6:43: unused: there are no "classes"'],
    ],
    [
      'a limit that is not on it, and a class twice',
      spend('{ spend: { class: low } }', '{ classes: [low, low], max_class: lwo }'),
      ['6:47: "low" is listed twice', '6:64: there is no class "lwo"; expected one of low; did you mean "low"?'],
    ],
    [
      'a currency of nothing, and an amount in none',
      spend('{ spend: { amount: 1 } }', '{ currency: USD }'),
      ['6:23: "max" is missing; expected a number', '6:42: unused: there is no "max" that it is of'],
    ],
    ['spending of neither', saidOfTool('{ spend: {} }'), ['5:28: expected a class, an amount, or both']],
  ])('%s is refused', (_name, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});
