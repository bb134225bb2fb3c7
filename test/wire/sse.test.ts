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
