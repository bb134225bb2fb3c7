import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import { shownText } from '../../../src/policy/output/shown-text.ts';

const text = (said: string) => ({ type: 'text', text: said });
const shown = (content: JsonValue, structuredContent?: JsonValue) =>
  shownText({ content, ...(structuredContent === undefined ? {} : { structuredContent }) } as JsonObject);
const NOTHING = { ok: false, error: 'there is nothing in it' };
const MORE = { ok: false, error: 'there is more in it than text' };

describe('a result as text for whoever approves it', () => {
  test('is all its texts, links and embedded texts in their order, parted by an empty line', () => {
    expect(
      shown([
        text('Dear Ada,'),
        { type: 'resource_link', uri: 'file:///a', name: 'a' },
        { type: 'resource', resource: { uri: 'file:///b', text: 'the draft' } },
      ]),
    ).toEqual({ ok: true, value: 'Dear Ada,\n\nfile:///a\n\nfile:///b\nthe draft' });
  });

  test('has the structured content last, sorted, and says once what repeats it', () => {
    const structured = { to: 'ada', body: 'Hi' };
    const sorted = '{\n  "body": "Hi",\n  "to": "ada"\n}';
    expect(shown([text('See:'), text('{"to":"ada","body":"Hi"}')], structured)).toEqual({
      ok: true,
      value: `See:\n\n${sorted}`,
    });
    expect(shown([text('{"to":"eve","body":"Hi"}')], structured)).toEqual({
      ok: true,
      value: `{"to":"eve","body":"Hi"}\n\n${sorted}`,
    });
    expect(shown(undefined as never, structured)).toEqual({ ok: true, value: sorted });
  });

  test('is nothing where there is only blank in it', () => {
    for (const content of [[], [text('')], [text(' \n'), text('\t')], 'text', undefined as never])
      expect(shown(content)).toEqual(NOTHING);
  });

  test('is refused whole where a part of it is no text', () => {
    const others = [
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'image', data: 'AAAA', text: 'a caption', uri: 'file:///a', resource: { uri: 'file:///a', text: 'x' } },
      { type: 'resource', resource: { uri: 'file:///b', blob: 'AAAA' } },
      { type: 'resource', resource: 'file:///b' },
      { type: 'resource', text: 'outside' },
      { type: 'resource_link' },
      { type: 'text' },
      { type: 'text', text: 7 },
      {},
      'text',
      null,
    ];
    for (const other of others) expect(shown([text('See:'), other])).toEqual(MORE);
  });
});
