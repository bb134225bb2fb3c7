/** What a slip in one pass over a server's words would hand over. */
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import { withoutReserved } from '../../../src/policy/output/imitation.ts';
import { readOutput, readValue } from '../../../src/policy/output/reading.ts';

const SPEAKER = {
  server: 'crm',
  allows: () => true,
  shows: ({ uri }: JsonObject) => uri !== 'ui://other',
};
function made(said: JsonObject): JsonObject {
  const done = readOutput(said, SPEAKER);
  if (!done.ok) throw new Error(done.error);
  return done.value;
}
const why = (said: JsonObject): string | undefined => {
  const done = readOutput(said, SPEAKER);
  return done.ok ? undefined : done.error;
};
const [HID, SHOWN] = ['a\u200bb', 'a⟨U+200B⟩b'];
const block = (resource: JsonValue, type = 'resource'): JsonObject => ({ content: [{ type, resource }] });

describe('a page that was not accepted', () => {
  const LEFT_OUT = { type: 'text', text: 'A page that was not accepted was left out.' };

  test('is left out of what a result holds, and said to be', () => {
    expect(made(block({ uri: 'ui://other', text: '<b>' }))).toEqual({ content: [LEFT_OUT] });
    for (const kept of [
      block({ uri: 'ui://form', text: '<b>' }),
      block('ui://other'),
      block({ uri: 'ui://other' }, 'x'),
    ])
      expect(made(kept)).toBe(kept);
  });

  test('is data where data is: nobody shows it', () => {
    const structuredContent = { type: 'resource', resource: { uri: 'ui://other' } };
    expect(made({ structuredContent })).toEqual({ structuredContent });
  });
});

describe('a resource in Tollgate’s own scheme', () => {
  test('is left out where it would be read as one, and stays in data', () => {
    expect(JSON.stringify(made(block({ uri: 'tollgate://session' })))).toContain('was left out');
    const other = block({ uri: 'tollgate://session' }, 'x');
    expect(made(other)).toBe(other);
    const data = { structuredContent: { type: 'resource', resource: { uri: 'tollgate://session' } } };
    expect(made(data)).toBe(data);
  });

  test('is known by a URI that is text', () => {
    const odd = { contents: [null, 'x', 7, { uri: 7 }, { uri: ['tollgate://session'] }] };
    expect(made(odd)).toBe(odd);
    const block7 = block({ uri: ['tollgate://session'] });
    expect(made(block7)).toBe(block7);
  });
});

describe('bytes that no model reads', () => {
  test('are those of a picture, a sound or a blob, and nothing beside them', () => {
    const read = (of: JsonObject) => (made({ content: [of] })['content'] as readonly JsonObject[])[0];
    expect(read({ type: 'image', data: HID, mimeType: HID })).toEqual({ type: 'image', data: HID, mimeType: SHOWN });
    expect(read({ type: 'text', text: HID, data: HID })).toEqual({ type: 'text', text: SHOWN, data: SHOWN });
    expect(read({ type: 'image', data: { is: HID } })).toEqual({ type: 'image', data: { is: SHOWN } });
    expect(read({ type: 'resource', resource: { uri: 'x', blob: 'AAAA', text: HID } })).toEqual({
      type: 'resource',
      resource: { uri: 'x', blob: 'AAAA', text: SHOWN },
    });
    expect(read({ type: 'resource', resource: { uri: 'x', blob: { is: HID } } })).toEqual({
      type: 'resource',
      resource: { uri: 'x', blob: { is: SHOWN } },
    });
  });
});

describe('names of members', () => {
  test('are shown with what they hide, also where nothing else is to be changed', () => {
    expect(made({ structuredContent: { [HID]: 1 } })).toEqual({ structuredContent: { [SHOWN]: 1 } });
  });

  test('that are left out leave nothing behind', () => {
    expect(made({ content: [], _meta: { tollgate: 1 } })).toStrictEqual({ content: [] });
    expect(made({ content: [], _meta: 'x' })).toStrictEqual({ content: [] });
    const kept = { content: [], _meta: { 'example.com/own': 1 } };
    expect(made(kept)).toBe(kept);
  });

  test('of `_meta` are those of an object: of anything else nothing is left', () => {
    for (const odd of [null, undefined, 'x', ['x'], 7, {}]) expect(withoutReserved(odd)).toBeUndefined();
    const own = { 'example.com/own': 1 };
    expect(withoutReserved(own)).toBe(own);
  });
});

describe('bounds', () => {
  const deep = (levels: number): JsonObject => (levels === 0 ? {} : { a: deep(levels - 1) });

  test('are on objects, too, wherever they stand', () => {
    expect(made({ structuredContent: deep(62) })).toBeDefined();
    expect(why({ structuredContent: deep(63) })).toBe('is nested deeper than 64 levels');
    expect(made({ _meta: deep(62) })).toBeDefined();
    expect(why({ _meta: deep(63) })).toBe('is nested deeper than 64 levels');
    expect(readValue(deep(63), 'crm').ok).toBe(true);
    expect(readValue(deep(64), 'crm').ok).toBe(false);
  });

  test.each(['content', 'contents', 'messages'])('are on the blocks of %s', (list) => {
    const blocks = (count: number) => ({ [list]: Array.from({ length: count }, () => ({ type: 'text', text: '' })) });
    expect(why(blocks(1000))).toBeUndefined();
    expect(why(blocks(1001))).toBe('has more than 1000 blocks of content');
  });
});

describe('an AWS access key', () => {
  const NAME = `AKIA${'Q2W7E3R4T5Y6U7I2'}`;
  const SECRET = 'q7Rk2LmZ9xWv4TbN8cYs1HdJ6fGp3QaUe5Xi/+0z';
  const held = (structuredContent: JsonValue) => why({ structuredContent });

  test('is held back where its name and its secret are both there, wherever they stand', () => {
    expect(held({ id: NAME, more: [null, 7, true, { secret: SECRET }] })).toBe(
      'holds what looks like a secret (an AWS access key)',
    );
  });

  test('is none without the other of the two', () => {
    expect(held({ id: NAME, more: [null, 7, true, {}, []] })).toBeUndefined();
    expect(held({ digest: SECRET })).toBeUndefined();
  });
});
