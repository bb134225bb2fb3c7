import { describe as about, expect, it } from 'vitest';
import { takeReason, withReason } from '../../src/policy/judge/agent-reason.ts';
import { describe } from '../../src/policy/shown/describe.ts';
import { definitionOf, lockOf, problemsIn, profileOf, saidOfTool, toolOf } from './policy-text.ts';

const asking = (rules: string, effects: string) =>
  profileOf(`${saidOfTool(rules)}session: { require_reason: [${effects}] }\n`).tools.get('crm.act');

about('the reason that an agent must give', () => {
  it('is asked of tools with such an effect, their cases included, and of nothing else', () => {
    expect(asking('{ effect: write }', 'write, irreversible')?.asksReason).toBe(true);
    expect(asking('{}', 'irreversible')?.asksReason).toBe(true);
    const mixed = '{ effect: read, cases: [{ id: a, when: {}, then: allow, effect: write }] }';
    expect(asking(mixed, 'write')?.asksReason).toBe(true);
    expect(toolOf('{}').asksReason).toBe(false);
  });

  it('where no tool has the effect is unused, and so is one of tools that no agent sees', () => {
    const told = (rules: string) => problemsIn(`${saidOfTool(rules)}session: { require_reason: [draft, write] }\n`);
    expect(told('{ effect: read }')).toEqual(['6:12: unused: no tool that agents may call is draft or write']);
    expect(told('{ effect: write, visible: false }')).toEqual([
      '6:12: unused: no tool that agents may call is draft or write',
    ]);
  });

  it('is one more argument that the agent sees, required', () => {
    const tool = asking('{ effect: write }', 'write');
    if (tool === undefined) throw new Error('not loaded');
    const schema = { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] };
    expect(describe('crm__act', tool, definitionOf(schema))['inputSchema']).toEqual({
      type: 'object',
      properties: {
        to: { type: 'string' },
        tollgate_reason: {
          type: 'string',
          description:
            'Why you make this call, in a sentence. Shown to the person who approves. At most 500 characters.',
          minLength: 1,
          maxLength: 500,
        },
      },
      required: ['to', 'tollgate_reason'],
    });
    expect(withReason({ type: 'object' })).toMatchObject({ required: ['tollgate_reason'] });
  });

  it('is taken out whole, without what only machines see', () => {
    expect(takeReason({ a: 1, tollgate_reason: ' Because\u200b\u001b[2K. ' })).toEqual({
      ok: true,
      value: { reason: 'Because[2K.', given: { a: 1 } },
    });
    expect(takeReason({ tollgate_reason: '👍'.repeat(500) }).ok).toBe(true);
  });

  it.each([
    ['missing', {}, 'must say, as text, why you make this call'],
    ['no text', { tollgate_reason: 7 }, 'must say, as text, why you make this call'],
    ['null', { tollgate_reason: null }, 'must say, as text, why you make this call'],
    ['empty', { tollgate_reason: '' }, 'must say why you make this call'],
    ['empty but for what nobody sees', { tollgate_reason: ' \u200b\ufeff\n' }, 'must say why you make this call'],
    ['too long', { tollgate_reason: 'x'.repeat(501) }, 'must be at most 500 characters'],
  ])('%s is refused', (_name, given, problem) => {
    expect(takeReason(given)).toEqual({ ok: false, error: `\`tollgate_reason\` ${problem}` });
  });

  it('does not fit a tool that has an argument of that name itself', () => {
    const schema = { properties: { tollgate_reason: {} } };
    expect(asking('{}', 'irreversible')?.misfits(definitionOf(schema))).toEqual([
      'the tool has an argument "tollgate_reason" itself, and the policy asks for one of that name',
    ]);
    expect(toolOf('{}').misfits(definitionOf(schema))).toEqual([]);
  });
});

about('a promise of what results are like', () => {
  it('is kept in the words of rules, of structured content or of JSON in the text', () => {
    expect(toolOf('{ output: { schema: { type: object, required: [status] } } }').output).toEqual({
      schema: { type: 'object', required: ['status'] },
      from: 'structured',
    });
    expect(toolOf('{ output: { schema: { type: object }, from: json_text } }').output?.from).toBe('json_text');
    expect(toolOf('{}').output).toBeUndefined();
  });

  it.each([
    ['{ output: {} }', ['5:21: "schema" is missing; expected a mapping']],
    [
      '{ output: { schema: { typ: object }, from: text } }',
      ['5:41: unknown key "typ"; did you mean "type"?', '5:62: expected json_text, found "text"'],
    ],
  ])('%s is refused', (rules, problems) => {
    expect(problemsIn(saidOfTool(rules))).toEqual(problems);
  });

  it('is the server’s where it makes one: at load with a lock, and when it is met', () => {
    const own = 'the server declares an output schema itself, and results are held to that: take this out';
    const text = saidOfTool('{ output: { schema: { type: object } } }');
    expect(problemsIn(text, undefined, lockOf(['act'], [], { outputSchema: {} }))).toEqual([`5:21: crm.act: ${own}`]);
    expect(problemsIn(text, undefined, lockOf(['act']))).toEqual([]);
    const tool = profileOf(text).tools.get('crm.act');
    expect(tool?.misfits(definitionOf({}, { outputSchema: {} }))).toEqual([`output: ${own}`]);
  });
});

about('what agents read of effects', () => {
  const shown = (rules: string) => describe('crm__act', toolOf(rules), definitionOf({ type: 'object' }));

  it('names the effect of each case that has one', () => {
    expect(
      shown(
        '{ effect: read, cases: [{ id: a, when: { do: { const: get } }, then: allow }, { id: b, when: { do: { const: put } }, then: hold, effect: write, reason: It stays. }] }',
      )['description'],
    ).toBe(
      'Effect: read, it only reads. Allowed when `do` is "get". A person must approve the call when `do` is "put" or not given (effect: write): It stays. Where several of these apply, the strictest does. Anything else is denied. Enforced by Tollgate.',
    );
  });

  it('hints at the worst call that may be made, and at whether it reaches the world', () => {
    const hints = (rules: string) => shown(rules)['annotations'];
    expect(hints('{ effect: read, sends_to: none }')).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      openWorldHint: false,
    });
    expect(hints('{ effect: read, cases: [{ id: a, when: {}, then: allow, effect: write }] }')).toEqual({
      readOnlyHint: false,
      destructiveHint: true,
      openWorldHint: true,
    });
  });

  it('says of a tool that is only observed that it is', () => {
    const tool = profileOf(`${saidOfTool('{ effect: write, approval: {} }')}mode: observe\n`).tools.get('crm.act');
    expect(tool && describe('crm__act', tool, definitionOf({}))['description']).toBe(
      'Effect: write, it changes something. Observed by Tollgate.',
    );
  });
});
