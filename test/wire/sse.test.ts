import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from '../../src/wire/sse.ts';

const LIMIT = 1_000;

function eventsOf(pieces: readonly string[], limit = LIMIT): readonly string[] | 'too_large' {
  const parser = new SseParser(limit);
  const events: string[] = [];
  for (const piece of pieces) {
    const pushed = parser.push(piece);
    if (!pushed.ok) return pushed.error;
    events.push(...pushed.value);
  }
  return events;
}

describe('the SSE parser', () => {
  it('gives the data of each event, joined over its lines', () => {
    expect(eventsOf(['event: message\nid: 1\ndata: {"a":1}\n\ndata: one\ndata: two\n\n'])).toEqual([
      '{"a":1}',
      'one\ntwo',
    ]);
  });

  it('takes off one space after the colon, and no more', () => {
    expect(eventsOf(['data:x\n\ndata:  y\n\ndata\n\n'])).toEqual(['x', ' y', '']);
  });

  it('gives nothing for comments, for events without data, and for an event that was cut off', () => {
    expect(eventsOf([': keep-alive\n\nevent: ping\n\ndatabase: no\n\ndata: cut off\n'])).toEqual([]);
  });

  it('remembers the id of the last event that came whole, with data or without', () => {
    const idAfter = (...pieces: string[]) => {
      const parser = new SseParser(LIMIT);
      for (const piece of pieces) parser.push(piece);
      return parser.lastEventId;
    };
    expect(idAfter('id: 1\ndata:\n\n')).toBe('1');
    expect(idAfter('id:1\n\n')).toBe('1');
    expect(idAfter('id: 1\n\ndata: x\n\n')).toBe('1');
    expect(idAfter('id: 1\n\nid: 2\ndata: cut off\n')).toBe('1');
    expect(idAfter('id: 1\n\nid: 2\n', 'data: x\r', '\n\r\n')).toBe('2');
    expect(idAfter('id: 1\n\nid: a\0b\n\n')).toBe('1');
    expect(idAfter('id: 1\n\nid\n\n')).toBeUndefined();
    expect(idAfter('identity: 1\n\ndata: x\n\n')).toBeUndefined();
  });

  it('remembers how long the server wants to be left alone, where it says so in plain digits', () => {
    const retryAfter = (text: string) => {
      const parser = new SseParser(LIMIT);
      parser.push(text);
      return parser.retry;
    };
    expect(retryAfter('retry: 500\n')).toBe(500);
    expect(retryAfter('retry:0\nretry: -1\nretry: 1e3\nretry: 2s\nretry:\n')).toBe(0);
    expect(retryAfter('retries: 500\ndata: x\n\n')).toBeUndefined();
  });

  it('reads the same, however the stream is cut into pieces', () => {
    const stream = '\uFEFFdata: ä1\r\n\r\ndata: b\rdata: c\r\rretry: 5\n: x\ndata: d\r\ndata: e\r\n\r\n';
    const whole = eventsOf([stream]);
    expect(whole).toEqual(['ä1', 'b\nc', 'd\ne']);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        expect(eventsOf(at.slice(1).map((end, index) => stream.slice(at[index], end)))).toEqual(whole);
      }),
    );
  });

  it('refuses an event that is longer than the limit, whether in one line or in many', () => {
    expect(eventsOf([`data: ${'x'.repeat(LIMIT)}`])).toBe('too_large');
    expect(eventsOf(Array.from({ length: 30 }, () => `data: ${'x'.repeat(100)}\n`))).toBe('too_large');
  });

  it('does not tire of a long stream of short events and comments', () => {
    const comments = Array.from({ length: 100 }, () => `: ${'c'.repeat(100)}\n`);
    const events = Array.from({ length: 100 }, () => `data: ${'x'.repeat(100)}\n\n`);
    expect(eventsOf(['data: first\n', ...comments, '\n', ...events])).toHaveLength(101);
  });
});
