import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import { definitionOf } from '../../../src/policy/lock/definition-of.ts';
import { unshowable } from '../../../src/policy/lock/unshowable.ts';

const TOOL = { name: 'act', inputSchema: { type: 'object' } };
const toolOf = (entry: JsonValue) => definitionOf('crm', 'tool', entry);
const promptOf = (given: JsonValue | undefined) => definitionOf('crm', 'prompt', { name: 'ask', arguments: given });
const whyDropped = (made: ReturnType<typeof definitionOf>): string => {
  if (made.ok) throw new Error('it was let through');
  return made.error;
};
const interfaceOf = (made: ReturnType<typeof definitionOf>) => {
  if (!made.ok) throw new Error(made.error);
  const { inputSchema, outputSchema } = made.value;
  return { inputSchema, outputSchema };
};

describe('a tool as its server lists it', () => {
  test('is its words and its schemas, frozen with all that they hold', () => {
    const entry = { ...TOOL, description: 'Acts.', outputSchema: { type: 'object', properties: {} } };
    const made = toolOf(entry);
    expect(made).toMatchObject({
      ok: true,
      value: { kind: 'tool', server: 'crm', name: 'act', description: 'Acts.', raw: entry },
    });
    expect(interfaceOf(made)).toEqual({ inputSchema: entry.inputSchema, outputSchema: entry.outputSchema });
    expect(Object.isFrozen(entry.outputSchema.properties)).toBe(true);
    expect(toolOf(TOOL)).toMatchObject({ value: { description: undefined, outputSchema: undefined } });
    expect(interfaceOf(toolOf({ ...TOOL, outputSchema: [] })).outputSchema).toBeUndefined();
  });

  test.each<[JsonValue, string]>([
    [null, 'an entry of the list has no name and is dropped'],
    ['act', 'an entry of the list has no name and is dropped'],
    [{ ...TOOL, name: 7 }, 'an entry of the list has no name and is dropped'],
    [{ name: 'act' }, 'the tool act is dropped: it has no input schema'],
    [{ name: 'act', inputSchema: [] }, 'the tool act is dropped: it has no input schema'],
    ...[
      { type: 'string' },
      {},
      { type: 'object', properties: [] },
      { type: 'object', required: 'all' },
      { type: 'string', properties: {}, required: [] },
    ].map((inputSchema): [JsonValue, string] => [
      { name: 'act', inputSchema },
      'the tool act is dropped: its input schema describes no object',
    ]),
    [{ ...TOOL, description: 7 }, 'the tool act is dropped: its description is of the wrong type'],
    [
      { ...TOOL, name: 'n'.repeat(101), title: 7 },
      `the tool ${'n'.repeat(100)} is dropped: its title is of the wrong type`,
    ],
  ])('is dropped where nobody could judge or show it: %j', (entry, why) => {
    expect(whyDropped(toolOf(entry))).toBe(why);
  });
});

describe('a prompt as its server lists it', () => {
  test('takes its arguments as text, those it needs and no others', () => {
    const { inputSchema, outputSchema } = interfaceOf(
      promptOf([{ name: 'a', description: 'A.', required: true }, { name: 'b', required: false }, { name: 'c' }]),
    );
    expect(inputSchema).toStrictEqual({
      type: 'object',
      properties: { a: { type: 'string', description: 'A.' }, b: { type: 'string' }, c: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    });
    expect(Object.isFrozen(inputSchema['properties'])).toBe(true);
    expect(outputSchema).toBeUndefined();
  });

  test('of no arguments takes none', () => {
    for (const made of [promptOf(undefined), promptOf([])])
      expect(interfaceOf(made).inputSchema).toStrictEqual({
        type: 'object',
        properties: {},
        required: [],
        additionalProperties: false,
      });
  });

  test.each<[JsonValue, string]>([
    [{}, 'its arguments are no list'],
    ['a', 'its arguments are no list'],
    [[null], 'one of its arguments has no name'],
    [['a'], 'one of its arguments has no name'],
    [[{ description: 'A.' }], 'one of its arguments has no name'],
    [[{ name: 7 }], 'one of its arguments has no name'],
    [[{ name: 'a', description: 7 }], 'one of its arguments is described in a form that is not valid'],
    [[{ name: 'a' }, { name: 'b' }, { name: 'a' }], 'two of its arguments have the same name'],
  ])('is dropped where its arguments cannot be told: %j', (given, why) => {
    expect(whyDropped(promptOf(given))).toBe(`the prompt ask is dropped: ${why}`);
  });
});

describe('an entry that clients would refuse the whole list for, so that it hides those of others,', () => {
  test.each<[string, readonly JsonValue[], readonly JsonValue[]]>([
    ['title', ['Act', ''], [7, null, {}]],
    ['description', ['Acts.'], [7, ['Acts.']]],
    ['mimeType', ['text/plain'], [7]],
    ['size', [0, 7.5], ['7', null]],
    ['annotations', [{}], [[], 'x', null]],
    ['execution', [{}], [[], 'x']],
    ['_meta', [{}], [[], 'x']],
    [
      'icons',
      [[], [{ src: 'a' }], [{ src: 'a' }, { src: 'b' }]],
      [{}, 'x', [{}], [{ src: 7 }], ['x'], [{ src: 'a' }, {}]],
    ],
  ])('is known by its %s', (member, good, bad) => {
    for (const value of good) expect(unshowable({ name: 'act', [member]: value })).toBeUndefined();
    for (const value of bad)
      expect(unshowable({ name: 'act', [member]: value })).toBe(`its ${member} is of the wrong type`);
    expect(unshowable({ name: 'act', other: 7 })).toBeUndefined();
  });

  test('is known by its size and its depth, and the largest that may be kept is', () => {
    const sized = (characters: number): JsonObject => ({ text: 'a'.repeat(characters - '{"text":""}'.length) });
    expect(unshowable(sized(256 * 1024))).toBeUndefined();
    expect(unshowable(sized(256 * 1024 + 1))).toBe('its entry is larger than 256 KiB');
    const deep = (levels: number): JsonObject => (levels === 0 ? {} : { in: deep(levels - 1) });
    expect(unshowable(deep(63))).toBeUndefined();
    expect(unshowable(deep(64))).toBe('its entry is nested deeper than 64 levels');
  });
});
