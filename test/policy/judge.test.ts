import { describe, expect, it } from 'vitest';
import { definitionOf, HEAD, PLAIN, profileOf, SERVERS, toolOf, verdictOf } from './policy-text.ts';

describe('rules on arguments', () => {
  const tool = toolOf('{ arguments: { refund: { minimum: 0, maximum: 500 }, to: { enum: [a, b] } } }');

  it('allow what keeps them, and name the tool as the rule', () => {
    expect(tool.judge({ refund: 500, to: 'a', other: {} }, PLAIN)).toMatchObject({
      verdict: 'allow',
      rules: ['crm.act'],
      needs: [],
    });
  });

  it('let absent arguments be: those are the tool schema’s matter', () => {
    expect(verdictOf(tool, {})).toBe('allow');
  });

  it('deny by name, with a reason and a remedy that can be acted on', () => {
    expect(tool.judge({ refund: 501 }, PLAIN)).toEqual({
      verdict: 'deny',
      rules: ['crm.act.arguments.refund'],
      reason: '`refund` must be >= 0 and <= 500',
      remedy: 'make the call with `refund` >= 0 and <= 500, if that still does what was asked',
    });
  });

  it('tell all that is broken', () => {
    const judgement = tool.judge({ refund: -1, to: 'c' }, PLAIN);
    expect(judgement.rules).toEqual(['crm.act.arguments.refund', 'crm.act.arguments.to']);
    expect(judgement).toMatchObject({ reason: '`refund` must be >= 0 and <= 500; `to` must be one of "a", "b"' });
  });

  it('are not passed by a value of another type, which JSON Schema alone would let through', () => {
    for (const refund of ['9000', null, [9000], { amount: 9000 }, true])
      expect(verdictOf(tool, { refund })).toBe('deny');
  });

  it('are not passed by another type under "not" either', () => {
    const guarded = toolOf('{ arguments: { q: { not: { pattern: ".*DROP.*" } } } }');
    expect(verdictOf(guarded, { q: 'select' })).toBe('allow');
    expect(verdictOf(guarded, { q: 'DROP' })).toBe('deny');
    expect(verdictOf(guarded, { q: ['DROP'] })).toBe('deny');
  });

  it('judge the call’s own arguments, not what every object inherits', () => {
    const inherited = toolOf('{ arguments: { constructor: { const: x }, toString: { const: x } } }');
    expect(verdictOf(inherited, {})).toBe('allow');
    expect(verdictOf(inherited, { constructor: 'y' })).toBe('deny');
    expect(verdictOf(toolOf('{ arguments: { o: { required: [toString] } } }'), { o: {} })).toBe('deny');
  });
});

describe('patterns mean the whole value', () => {
  const tool = toolOf(`{ arguments: { to: { pattern: '[a-z]+@example\\.com' } } }`);

  it.each([
    'eve@evil.example\nbob@example.com',
    'bob@example.com\neve@evil.example',
    'bob@example.com\n',
    '\nbob@example.com',
    'bob@example.com.evil.example',
    'eve@evil.example,bob@example.com',
    'bob@example.com\u2028',
    'bob@example.com\0',
    'BOB@example.com',
    '',
  ])('%j does not pass', (to) => {
    expect(verdictOf(tool, { to })).toBe('deny');
  });

  it('and pass what they mean', () => {
    expect(verdictOf(tool, { to: 'bob@example.com' })).toBe('allow');
  });

  it('whatever anchors, alternatives and flags they hold', () => {
    const any = (pattern: string, value: string) =>
      verdictOf(toolOf(`{ arguments: { v: { pattern: '${pattern}' } } }`), { v: value });
    expect(any('a|b', 'ax')).toBe('deny');
    expect(any('a|ab', 'ab')).toBe('allow');
    expect(any('^b$', 'a\nb\nc')).toBe('deny');
    expect(any('(?m)^b$', 'a\nb\nc')).toBe('deny');
    expect(any('a.*', 'a\nb')).toBe('deny');
    expect(any('(?s)a.*', 'a\nb')).toBe('allow');
  });

  it('two patterns in one rule are two', () => {
    const both = toolOf('{ arguments: { v: { allOf: [{ pattern: "a.*" }, { pattern: ".*z" }] } } }');
    expect(verdictOf(both, { v: 'a-z' })).toBe('allow');
    expect(verdictOf(both, { v: 'a-y' })).toBe('deny');
    expect(verdictOf(both, { v: 'b-z' })).toBe('deny');
  });

  it('one that would take a backtracking engine for ever is answered', () => {
    const evil = toolOf('{ arguments: { v: { pattern: "(a+)+b" } } }');
    expect(verdictOf(evil, { v: 'a'.repeat(50_000) })).toBe('deny');
    expect(verdictOf(evil, { v: `${'a'.repeat(50_000)}b` })).toBe('allow');
  });
});

describe('cases', () => {
  const cases = `cases: [
    { id: small, when: { refund: { maximum: 50 } }, then: allow },
    { id: large, when: { refund: { exclusiveMinimum: 50 } }, then: hold, reason: Much money. },
    { id: never, when: { to: { const: eve } }, then: deny, reason: Eve is not a customer. } ]`;
  const tool = toolOf(`{ ${cases}, approval: { reason: Mail cannot be called back. } }`);

  it('all that match apply, and the strictest wins', () => {
    expect(tool.judge({ refund: 10, to: 'bob' }, PLAIN)).toMatchObject({
      verdict: 'allow',
      rules: ['crm.act.cases.small'],
      needs: [],
    });
    expect(tool.judge({ refund: 60, to: 'bob' }, PLAIN)).toMatchObject({
      verdict: 'allow',
      rules: ['crm.act.cases.large'],
      needs: [{ kind: 'rule', rule: 'crm.act.cases.large', reason: 'Much money.' }],
    });
    expect(tool.judge({ refund: 10, to: 'eve' }, PLAIN)).toEqual({
      verdict: 'deny',
      rules: ['crm.act.cases.never'],
      reason: 'Eve is not a customer',
      remedy: undefined,
    });
  });

  it('none matching is deny', () => {
    const none = toolOf('{ cases: [{ id: a, when: { x: { const: 1 } }, then: allow }] }');
    expect(none.judge({ x: 2 }, PLAIN)).toMatchObject({ verdict: 'deny', rules: ['crm.act.cases'] });
  });

  it('absent values count against the call: no allow case matches, every other does', () => {
    const verdict = (then: string, given: object) =>
      verdictOf(
        toolOf(`{ cases: [{ id: all, when: {}, then: allow }, { id: x, when: { x: { const: 1 } }, then: ${then} }] }`),
        given as Record<string, never>,
      );
    expect(verdict('hold', {})).toBe('hold');
    expect(verdict('deny', {})).toBe('deny');
    const only = toolOf('{ cases: [{ id: x, when: { x: { not: { const: 1 } } }, then: allow }] }');
    expect(verdictOf(only, {})).toBe('deny');
    expect(verdictOf(only, { x: 2 })).toBe('allow');
  });

  it('values of another type count against the call too', () => {
    expect(verdictOf(tool, { refund: '10', to: 'bob' })).toBe('hold');
    const denied = toolOf(
      '{ cases: [{ id: all, when: {}, then: allow }, { id: x, when: { x: { minimum: 500 } }, then: deny }] }',
    );
    expect(verdictOf(denied, { x: '900' })).toBe('deny');
    expect(verdictOf(denied, { x: 100 })).toBe('allow');
  });

  it('members that are absent inside a value count against the call too', () => {
    const nested = toolOf(
      '{ cases: [{ id: eu, when: { f: { properties: { region: { const: eu } } } }, then: allow }, { id: two, when: { f: { prefixItems: [{ const: a }] } }, then: allow }] }',
    );
    expect(verdictOf(nested, { f: { region: 'eu' } })).toBe('allow');
    expect(verdictOf(nested, { f: {} })).toBe('deny');
    expect(verdictOf(nested, { f: ['a'] })).toBe('allow');
    expect(verdictOf(nested, { f: [] })).toBe('deny');
    const guarded = toolOf(
      '{ cases: [{ id: all, when: {}, then: allow }, { id: us, when: { f: { properties: { region: { const: us } } } }, then: deny }] }',
    );
    expect(verdictOf(guarded, { f: {} })).toBe('deny');
    expect(verdictOf(guarded, { f: { region: 'eu' } })).toBe('allow');
  });

  it('every holding case is a need of its own', () => {
    const two = toolOf(
      '{ cases: [{ id: a, when: {}, then: hold }, { id: b, when: {}, then: hold }], approval: { reason: Ask. } }',
    );
    expect(two.judge({}, PLAIN)).toMatchObject({
      verdict: 'allow',
      rules: ['crm.act.cases.a', 'crm.act.cases.b'],
      needs: [
        { kind: 'rule', rule: 'crm.act.cases.a', reason: 'Ask.' },
        { kind: 'rule', rule: 'crm.act.cases.b', reason: 'Ask.' },
      ],
    });
  });

  it('an argument out of bounds is denied whatever the cases allow', () => {
    const both = toolOf('{ arguments: { x: { maximum: 5 } }, cases: [{ id: all, when: {}, then: allow }] }');
    expect(verdictOf(both, { x: 6 })).toBe('deny');
  });

  it('a case that denies names no way round, even next to one', () => {
    const both = toolOf(
      '{ arguments: { x: { maximum: 5 } }, cases: [{ id: no, when: { x: { minimum: 6 } }, then: deny }] }',
    );
    expect(both.judge({ x: 6 }, PLAIN)).toMatchObject({
      rules: ['crm.act.arguments.x', 'crm.act.cases.no'],
      remedy: undefined,
    });
  });
});

describe('approval', () => {
  it('alone holds every call', () => {
    const tool = toolOf('{ approval: { reason: Mail cannot be called back. } }');
    const need = { kind: 'rule', rule: 'crm.act.approval', reason: 'Mail cannot be called back.' };
    expect(tool.judge({}, PLAIN)).toMatchObject({ verdict: 'allow', rules: ['crm.act.approval'], needs: [need] });
    expect(tool.canHold).toBe(true);
  });

  it('says whether some call may be held', () => {
    expect(toolOf('{}').canHold).toBe(false);
    expect(toolOf('{ cases: [{ id: a, when: {}, then: deny }] }').canHold).toBe(false);
    expect(toolOf('{ cases: [{ id: a, when: {}, then: hold }] }').canHold).toBe(true);
  });
});

describe('the digest that a hold is bound to', () => {
  const digest = (text: string) => profileOf(text).tools.get('crm.act')?.digest;
  const policy = (rules: string, rest = 'crm.other: {}') => `${HEAD}${SERVERS}tools: { crm.act: ${rules}, ${rest} }\n`;
  const base = '{ effect: write, arguments: { x: { maximum: 5 } }, cases: [{ id: a, when: {}, then: hold }] }';

  it('stays when other parts of the file change', () => {
    expect(digest(policy(base, 'crm.other: { effect: read }'))).toBe(digest(policy(base)));
    expect(digest(`# a comment\n${policy(base)}budgets: { session: { calls: 5 } }\n`)).toBe(digest(policy(base)));
  });

  it.each([
    ['effect', base.replace('write', 'read')],
    ['can', base.replace('{ effect', '{ can: x, effect')],
    ['timeout', base.replace('{ effect', '{ timeout: 1s, effect')],
    ['charges', base.replace('{ effect', '{ charges: { a: 1 }, effect')],
    ['arguments', base.replace('maximum: 5', 'maximum: 6')],
    ['cases', base.replace('when: {}', 'when: { x: { minimum: 1 } }')],
    ['reason', base.replace('then: hold', 'then: hold, reason: x')],
    ['approval', base.replace('] }', '], approval: { reason: x } }')],
  ])('changes with %s', (_part, changed) => {
    expect(digest(policy(changed))).not.toBe(digest(policy(base)));
  });
});

describe('misfits with the tool as its server describes it', () => {
  const tool = toolOf(
    '{ arguments: { refnd: { maximum: 5 } }, cases: [{ id: a, when: { whom: { const: x } }, then: allow }] }',
  );
  const properties = { refund: { type: 'number' }, to: { type: 'string' } };

  it('are the arguments that it does not have, with the nearest that it has', () => {
    expect(tool.misfits(definitionOf({ type: 'object', properties }))).toEqual([
      'arguments.refnd: the tool has no argument "refnd"; did you mean "refund"?',
      'cases.a.when.whom: the tool has no argument "whom"; it takes `refund`, `to`',
    ]);
  });

  it('are none where it declares them, somewhere in its schema', () => {
    const schema = {
      type: 'object',
      properties: { refnd: {} },
      allOf: [{ $ref: '#/$defs/more' }],
      $defs: { more: { properties: { whom: {} } } },
    };
    expect(tool.misfits(definitionOf(schema))).toEqual([]);
  });

  it('are none where it accepts any argument', () => {
    expect(tool.misfits(definitionOf({ type: 'object', properties, additionalProperties: true }))).toEqual([]);
    expect(tool.misfits(definitionOf({ type: 'object' }))).toEqual([]);
    expect(tool.misfits(definitionOf({ type: 'object', properties, additionalProperties: false }))).toHaveLength(2);
  });
});
