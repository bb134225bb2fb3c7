import { describe, expect, it } from 'vitest';
import { LineCutter } from '../../src/wire/lines.ts';

describe('the line cutter', () => {
  it('puts lines together that come in pieces, also inside a character', () => {
    const cutter = new LineCutter(100);
    const bytes = Buffer.from('grün\nzwei\n\nrest');
    const lines = [...bytes].flatMap((byte) => cutter.push(Buffer.from([byte])) ?? ['too long']);
    expect(lines).toEqual(['grün', 'zwei', '']);
    expect(cutter.rest()).toBe('rest');
  });

  it('refuses a line that is longer than the limit, ended or not', () => {
    expect(new LineCutter(3).push(Buffer.from('abc\nab'))).toEqual(['abc']);
    expect(new LineCutter(3).push(Buffer.from('abcd\n'))).toBeUndefined();
    expect(new LineCutter(3).push(Buffer.from('abcd'))).toBeUndefined();
  });
});
