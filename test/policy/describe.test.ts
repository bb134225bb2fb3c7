import { describe as about, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { describe } from '../../src/policy/shown/describe.ts';
import { definitionOf, HEAD, profileOf, ref, SERVERS, toolOf } from './policy-text.ts';

const schema = { type: 'object', properties: { to: { type: 'string', description: 'Whom' } } };
const shown = (rules: string, rest: JsonObject = {}, inputSchema: JsonObject = schema) =>
  describe('crm__act', toolOf(rules), definitionOf(inputSchema, rest));
const textOf = (entry: JsonObject) => String(entry['description']);

about('the entry that agents see', () => {
  it('has the contract in words in front, then the server’s own description', () => {
    const entry = describe(
      'crm__act',
      toolOf(
        '{ can: Send one reply, cannot: Reach anyone else., effect: irreversible, arguments: { refund: { minimum: 0, maximum: 500 } }, approval: { reason: Mail cannot be called back. }, charges: { searches: 2 }, spend: { amount: 0.02 } }',
      ),
      definitionOf(schema, { description: 'Sends mail.' }),
      'EUR',
    );
    expect(entry['name']).toBe('crm__act');
    expect(textOf(entry)).toBe(
      "Effect: irreversible, what it does cannot be undone. Can: Send one reply. Cannot: Reach anyone else. `refund` must be >= 0 and <= 500. A person must approve every call: Mail cannot be called back. Each call costs 2 of the session's searches and 0.02 EUR. Enforced by Tollgate.\n\nThe server's own description, unverified:\nSends mail.",
    );
  });

  it('says that a person is shown what it points at, and names no tool that reads it', () => {
    const tools = `{ crm.peek: { effect: read, sends_to: none, visible: false }, crm.act: { approval: {}, shows: { tool: crm.peek, arguments: { id: "${ref('arguments.draft')}" } } } }`;
    const tool = profileOf(`${HEAD}${SERVERS}tools: ${tools}\n`).tools.get('crm.act');
    const entry = tool && describe('crm__act', tool, definitionOf(schema));
    expect(entry && textOf(entry)).toContain(
      'A person must approve every call. Whoever approves is shown what `draft` points at, and approves that very content. Enforced',
    );
  });

  it('says what each case does', () => {
    const entry = shown(
      '{ effect: write, cases: [{ id: a, when: { n: { maximum: 5 } }, then: allow }, { id: b, when: { n: { minimum: 5 }, to: { enum: [x, y] } }, then: hold, reason: Much. }, { id: c, when: {}, then: deny }] }',
    );
    expect(textOf(entry)).toBe(
      'Effect: write, it changes something. Allowed when `n` is <= 5. A person must approve the call when `n` is >= 5 or not given, and `to` is one of "x", "y" or not given: Much. Denied in every case. Where several of these apply, the strictest does. Anything else is denied. Enforced by Tollgate.',
    );
  });

  it.each([
    ['read', true, false],
    ['draft', false, false],
    ['write', false, true],
    ['irreversible', false, true],
  ])('a contract that says %s overrides what the server hints', (effect, readOnlyHint, destructiveHint) => {
    const lies = {
      readOnlyHint: !readOnlyHint,
      destructiveHint: !destructiveHint,
      idempotentHint: true,
      openWorldHint: false,
    };
    expect(shown(`{ effect: ${effect} }`, { annotations: { title: 'Act', ...lies } })['annotations']).toEqual({
      title: 'Act',
      readOnlyHint,
      destructiveHint,
      openWorldHint: effect !== 'draft',
    });
  });

  it('says nothing of tasks, which do not pass: a client that tried would get an error', () => {
    const optional = { execution: { taskSupport: 'optional' } };
    expect(shown('{}', optional)).not.toHaveProperty('execution');
    expect(shown('{}', { execution: { ...optional.execution, odd: 1 } })['execution']).toEqual({ odd: 1 });
  });

  it('keeps all else that the server said: every keyword, outputs, _meta', () => {
    const inputSchema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $defs: { a: { $anchor: 'x' } },
      properties: { a: { $ref: '#x', 'x-odd': [1] }, description: { default: { description: 'kept\u200b as it is' } } },
      allOf: [{ anyOf: [true, false] }],
      additionalProperties: false,
    };
    const outputSchema = { type: 'object', properties: { a: {} } };
    const entry = shown('{}', { outputSchema, _meta: { 'ui/x': 1 }, title: 'Act', icons: [] }, inputSchema);
    expect(entry).toMatchObject({ inputSchema, outputSchema, _meta: { 'ui/x': 1 }, title: 'Act', icons: [] });
  });

  it('promises no structured result of a tool that may be held, so that a recorded one can say in text what it is', () => {
    const outputSchema = { type: 'object' };
    expect(shown('{ approval: {} }', { outputSchema })).not.toHaveProperty('outputSchema');
    expect(shown('{ effect: write }', { outputSchema })).toHaveProperty('outputSchema');
  });

  it('needs no description of the server', () => {
    expect(textOf(shown('{ effect: read }'))).toBe('Effect: read, it only reads. Enforced by Tollgate.');
  });
});

about('text that only a model would see', () => {
  const tags = [...'ignore'].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('');

  it.each([
    ['tag characters', `a${tags}b`, 'ab'],
    ['annotation marks', 'a\ufff9b\ufffbc', 'abc'],
    ['zero width', 'a\u200b\u200d\ufeff\u2060b', 'ab'],
    ['bidi', 'a\u202eb\u2066c\u2069', 'abc'],
    ['variation selectors', 'a\ufe01\u{e0101}b', 'ab'],
    ['terminal escapes', 'a\u001b[2Kb\u0007\u009b31mc\u007f', 'a[2Kb31mc'],
    ['carriage returns that overwrite', 'safe\rfalse\r\nend', 'safe\nfalse\nend'],
    ['separators and fillers', 'a\u2028b\u2029c\u3164d\u2800e\u115ff', 'abcdef'],
    ['private use and lone surrogates', 'a\ue000b\ud800c', 'abc'],
  ])('%s is taken out of descriptions, titles and texts in schemas', (_name, hidden, plain) => {
    const entry = shown(
      '{ effect: read }',
      {
        description: hidden,
        title: hidden,
        annotations: { title: hidden },
        outputSchema: { items: { title: hidden } },
      },
      { properties: { a: { anyOf: [{ description: hidden }] } } },
    );
    expect(textOf(entry)).toBe(
      `Effect: read, it only reads. Enforced by Tollgate.\n\nThe server's own description, unverified:\n${plain}`,
    );
    expect(entry).toMatchObject({
      title: plain,
      annotations: { title: plain },
      inputSchema: { properties: { a: { anyOf: [{ description: plain }] } } },
      outputSchema: { items: { title: plain } },
    });
  });

  it('leaves what people write', () => {
    const text = 'Zoë schickt\tgrüße,\n日本語 и 👍 → “ok”';
    expect(textOf(shown('{}', { description: text })).endsWith(text)).toBe(true);
  });
});
