import { describe, expect, it } from 'vitest';
import { Shelf } from '../../src/downstream/lists/shelf.ts';
import { definitionOf } from '../../src/policy/lock/definition-of.ts';

const said = (name: string, description: string, annotations = {}) => {
  const made = definitionOf('s', 'tool', { name, description, inputSchema: { type: 'object' }, annotations });
  if (!made.ok) throw new Error(made.error);
  return { definition: made.value, mirrored: [] };
};
const [ONE, TWO, THREE] = [{}, {}, {}];
const words = (shelf: Shelf) => shelf.definitions.map(({ name, description }) => `${name}: ${description}`);

describe('what a server says now', () => {
  it('is what all its connections are told: of what one is told otherwise, nothing', () => {
    const shelf = new Shelf([said('a', 'A.')]);
    shelf.put(ONE, [said('a', 'A.'), said('b', 'B.')], false);
    shelf.put(TWO, [said('a', 'Lies.'), said('b', 'B.')], false);
    expect(words(shelf)).toEqual(['b: B.']);
    // Whichever was read last.
    shelf.put(ONE, [said('a', 'A.'), said('b', 'B.')], false);
    shelf.put(THREE, [said('a', 'A.'), said('b', 'B.')], false);
    expect(words(shelf)).toEqual(['b: B.']);
    shelf.end(TWO);
    expect(words(shelf)).toEqual(['a: A.', 'b: B.']);
  });

  it('lacks what one connection is not shown, unless that one may be shown less', () => {
    const shelf = new Shelf([]);
    shelf.put(ONE, [said('a', 'A.')], false);
    shelf.put(TWO, [], true);
    expect(words(shelf)).toEqual(['a: A.']);
    shelf.put(TWO, [], false);
    expect(words(shelf)).toEqual([]);
  });

  it('is what the last connection was told, until another one is', () => {
    const shelf = new Shelf([]);
    shelf.put(ONE, [said('a', 'A.')], false);
    shelf.end(ONE);
    expect(words(shelf)).toEqual(['a: A.']);
    shelf.put(TWO, [said('a', 'Another.')], false);
    expect(words(shelf)).toEqual(['a: Another.']);
  });

  it('is one object for many connections, and another where only a hint is', () => {
    const shelf = new Shelf([]);
    shelf.put(ONE, [said('a', 'A.')], false);
    const first = shelf.present('a');
    shelf.put(TWO, [said('a', 'A.')], false);
    expect(shelf.present('a')).toBe(first);
    shelf.put(TWO, [said('a', 'A.', { readOnlyHint: true })], false);
    expect(shelf.present('a')).not.toBe(first);
  });
});
