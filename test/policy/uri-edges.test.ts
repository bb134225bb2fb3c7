import { describe, expect, test } from 'vitest';
import { ANY, SEGMENT } from '../../src/policy/uris/glob.ts';
import { oddity } from '../../src/policy/uris/plain-uri.ts';
import { uriPattern } from '../../src/policy/uris/uri-pattern.ts';
import { templateRow } from '../../src/policy/uris/uri-template.ts';
import { ref } from './policy-text.ts';

describe('a URI that could be read two ways', () => {
  test.each([
    ['crm://a/%5z', 'characters that no URI holds unencoded'],
    ['urn:a//b', 'an empty segment (//) in its path'],
    ['crm://x/a%20.', 'a segment of dots alone'],
    [`crm://x/${'a'.repeat(4097 - 'crm://x/'.length)}`, 'more than 4096 characters'],
  ])('is told: %.20s', (uri, why) => {
    expect(oddity(uri)).toBe(why);
  });

  test('is none at its full length', () => {
    expect(oddity(`crm://x/${'a'.repeat(4096 - 'crm://x/'.length)}`)).toBeUndefined();
  });
});

describe('a pattern', () => {
  test('has its scheme in front, and the folder of the session right after it', () => {
    expect(uriPattern(`xfile://${ref('session.dir')}/a`).ok).toBe(false);
    expect(uriPattern('/crm://x/*').ok).toBe(false);
    expect(uriPattern(`file://${ref('session.dir')}/a`).ok).toBe(true);
  });

  test('is as long as it may be, and no longer', () => {
    const front = 'crm://x/';
    expect(uriPattern(front + 'a'.repeat(1000 - front.length)).ok).toBe(true);
    expect(uriPattern(front + 'a'.repeat(1001 - front.length)).ok).toBe(false);
  });
});

describe('a template', () => {
  test('is any text where it holds what one expander encodes and another leaves', () => {
    expect(templateRow('a\nb')).toEqual(['a', ANY, 'b']);
    expect(templateRow('a%5z')).toEqual(['a', ANY, '5', 'z']);
    expect(templateRow('a%2Fb')).toEqual(['a', '%', '2', 'F', 'b']);
  });

  test('has names of any length, each with its modifier', () => {
    for (const template of ['{a,bc}', '{a,b:10}', '{a:100}', '{a,b*}'])
      expect(templateRow(template)).toEqual([SEGMENT]);
    for (const template of ['{a,b:x}', '{a:12345}', '{a:x}', '{}']) expect(templateRow(template)).toBeUndefined();
  });

  test('is as long as it may be, and no longer', () => {
    expect(templateRow('a'.repeat(1000))).toHaveLength(1000);
    expect(templateRow('a'.repeat(1001))).toBeUndefined();
  });
});
