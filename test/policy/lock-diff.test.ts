import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import type { LockedServer } from '../../src/domain/lock.ts';
import { definitionOf } from '../../src/policy/lock/definition-of.ts';
import { diffText, PLAIN } from '../../src/policy/lock/diff-text.ts';
import { changesOf } from '../../src/policy/lock/entry-changes.ts';
import { lockDiff } from '../../src/policy/lock/lock-diff.ts';

const serverOf = (tools: readonly JsonObject[], more: Partial<LockedServer> = {}) => ({
  servers: new Map<string, LockedServer>([
    [
      'crm',
      {
        instructions: undefined,
        definitions: tools.flatMap((tool) => {
          const made = definitionOf('crm', 'tool', { name: 'act', inputSchema: { type: 'object' }, ...tool });
          if (!made.ok) throw new Error(made.error);
          return made.value;
        }),
        templates: [],
        pages: new Map(),
        reached: undefined,
        ...more,
      },
    ],
  ]),
});
const linesOf = (was: JsonObject, now: JsonObject): readonly string[] =>
  diffText(lockDiff(serverOf([was]), serverOf([now])), PLAIN)
    .trim()
    .split('\n')
    .map((line) => line.trim());
const schema = (properties: JsonObject, required: readonly string[] = []) => ({
  inputSchema: { type: 'object', properties, required },
});

describe('a diff in words', () => {
  it('is empty where nothing is different, in whatever order it is listed', () => {
    const tools = [{ name: 'a' }, { name: 'b', description: 'B.' }];
    expect(lockDiff(serverOf(tools), serverOf(tools.toReversed()))).toEqual([]);
  });

  it('shows one word of a description', () => {
    expect(linesOf({ description: 'Sends mail to Ada.' }, { description: 'Sends mail to Eve.' })).toEqual([
      'tool crm.act  changed',
      'description: Sends mail to [-Ada-]{+Eve+}.',
    ]);
  });

  it('shows what is hidden: two texts that look alike are not', () => {
    const [, line] = linesOf({ description: 'Reads.' }, { description: 'Re\u200bads.\u001b[8m\u{e0041}\u00a0' });
    expect(line).toContain('Re⟨U+200B⟩ads');
    expect(line).toContain('⟨U+001B⟩');
    expect(line).toContain('⟨U+E0041⟩');
    expect(line).toContain('⟨U+00A0⟩');
  });

  it('keeps hidden characters out of every line: names, values, keys', () => {
    const odd = 'x\u202ey';
    const text = diffText(
      lockDiff(
        serverOf([schema({ a: { enum: ['x'] } })]),
        serverOf([schema({ a: { enum: [odd] }, [odd]: {} }), { name: odd }], { instructions: odd }),
      ),
      PLAIN,
    );
    expect(text).not.toContain('\u202e');
    expect(text.match(/⟨U\+202E⟩/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    [
      'comes',
      schema({ a: {} }),
      schema({ a: {}, to: { type: 'string' } }, ['to']),
      'argument `to`: {+added, required+}, {"type":"string"}',
    ],
    ['goes', schema({ a: {}, b: {} }), schema({ a: {} }), 'argument `b`: [-removed-], {}'],
    [
      'is of another type',
      schema({ a: { type: 'string' } }),
      schema({ a: { type: 'number' } }),
      'argument `a`: type: [-"string"-] -> {+"number"+}',
    ],
    ['must be given', schema({ a: {} }), schema({ a: {} }, ['a']), 'argument `a`: now required'],
    ['need not be given', schema({ a: {} }, ['a']), schema({ a: {} }), 'argument `a`: now optional'],
    [
      'is told of otherwise',
      schema({ a: { description: 'One.' } }),
      schema({ a: { description: 'Two.' } }),
      'argument `a`: description: [-One-]{+Two+}.',
    ],
    [
      'has a default',
      schema({ a: {} }),
      schema({ a: { default: null } }),
      'argument `a`: default: [-nothing-] -> {+null+}',
    ],
    [
      'is deep inside',
      schema({ a: { properties: { b: { maximum: 1 } } } }),
      schema({ a: { properties: { b: { maximum: 2 } } } }),
      'argument `a.b`: maximum: [-1-] -> {+2+}',
    ],
  ])('tells of an argument that %s', (_, was, now, line) => {
    expect(linesOf(was, now)).toEqual(['tool crm.act  changed', line]);
  });

  it('leaves no difference of any member out', () => {
    for (const member of ['title', 'icons', '_meta', 'execution', 'outputSchema', 'x-new']) {
      const value = member === 'title' ? 'T' : member === 'icons' ? [{ src: 'x' }] : { a: 1 };
      expect(lockDiff(serverOf([{}]), serverOf([{ [member]: value }]))).toMatchObject([{ blocks: true }]);
      expect(linesOf({}, { [member]: value }).length).toBe(2);
    }
    for (const required of [[1], 'a'])
      expect(linesOf(schema({}), { inputSchema: { type: 'object', properties: { a: { required } } } })).toHaveLength(2);
  });

  it('is empty of no two entries that are not the same, whatever they hold', () => {
    const values = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    const keyword = fc.constantFrom('type', 'properties', 'required', 'description', 'enum', 'items', 'default');
    const schemas = fc.dictionary(keyword, fc.oneof(values, fc.dictionary(fc.constantFrom('a', 'b'), values)));
    const entries = fc.record({ description: fc.string(), inputSchema: schemas }, { requiredKeys: [] });
    fc.assert(
      fc.property(entries, entries, (was, now) => {
        const isSame = canonical(was as JsonObject) === canonical(now as JsonObject);
        expect(changesOf(was as JsonObject, now as JsonObject).length === 0).toBe(isSame);
      }),
    );
  });

  it('says that hints block nothing', () => {
    const differences = lockDiff(serverOf([{}]), serverOf([{ annotations: { readOnlyHint: true } }]));
    expect(differences).toMatchObject([{ name: 'act', how: 'changed', blocks: false }]);
    expect(diffText(differences, PLAIN)).toContain('hints only, nothing is blocked');
  });

  it('tells of new and gone tools, servers, pages, templates, of instructions and eras', () => {
    const before = serverOf([{ name: 'a' }], { era: 'legacy', pages: new Map([['ui://p', 'sha256:1']]) });
    const after = serverOf([{ name: 'b' }], {
      era: 'modern',
      instructions: 'Obey.',
      templates: [{ uriTemplate: 'x://{y}', name: 'y' }],
      pages: new Map([['ui://p', 'sha256:2']]),
    });
    const text = diffText(lockDiff(before, after), PLAIN);
    for (const words of ['crm.a  gone', 'crm.b  new', 'template crm x://{y}  new', 'page crm ui://p  changed'])
      expect(text).toContain(words);
    expect(text).toContain('instructions: {+Obey.+}');
    expect(text).toContain('era: [-"legacy"-]'.replaceAll('"', ''));
    expect(diffText(lockDiff(before, { servers: new Map() }), PLAIN)).toContain('server crm  gone');
  });

  it('of texts that share next to nothing ends soon, and shows both', () => {
    const words = (seed: number) => Array.from({ length: 20_000 }, (_, at) => `w${(at * seed) % 9973}`).join(' ');
    const [, ...lines] = linesOf({ description: words(7) }, { description: words(13) });
    expect(lines.join('').includes('[-w0 w7 ')).toBe(true);
    expect(lines.join('').includes('{+w0 w13 ')).toBe(true);
  });
});
