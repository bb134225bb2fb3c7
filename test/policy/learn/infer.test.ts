import { expect, test } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.ts';
import { infer, roundedUp } from '../../../src/policy/learn/infer.ts';
import { ref } from '../policy-text.ts';

const TABLE: readonly (readonly [string, readonly JsonValue[], object | undefined])[] = [
  ['queue', ['billing', 'returns', 'billing', 'returns'], { enum: ['billing', 'returns'] }],
  ['queue', ['billing', 'returns'], { maxLength: 10 }],
  ['text', ['Dear Ada, it was a pleasure.'], undefined],
  ['path', ['notes/a.md', 'notes/b/c.md', 'notes/d.md'], { path: { within: ['notes'] } }],
  ['path', ['notes/a.md', 'b.md'], { path: { within: ['.'] } }],
  ['path', ['/srv/a/b', '/srv/a/c', '/srv/ab'], { path: { within: ['/srv'] } }],
  ['path', ['/srv/a', 'b/c'], { maxLength: 10 }],
  ['path', ['/a', '/b'], { maxLength: 10 }],
  ['path', ['notes/../a', 'notes/b'], { maxLength: 10 }],
  [
    'url',
    ['https://docs.example.com/a?b', 'https://example.com:8443/'],
    { url: { hosts: ['docs.example.com', 'example.com:8443'] } },
  ],
  ['url', ['http://a.example/'], { url: { hosts: ['a.example'], schemes: ['http'] } }],
  ['to', ['ada@example.com', 'bo@Mail.Example.com'], { email: { domains: ['example.com', 'mail.example.com'] } }],
  ['to', ['Ada <ada@example.com>', 'x'], { maxLength: 50 }],
  ['refund', [3, 12.5, 180], { minimum: 0, maximum: 200 }],
  ['degrees', [-7, 0], { minimum: -10, maximum: 0 }],
  ['list', [['a'], ['a', 'b', 'c']], { maxItems: 5 }],
  ['mixed', ['a', 1], undefined],
  ['flag', [true, true, true], undefined],
  ['odd', [ref('sets.a'), ref('sets.a'), ref('sets.a')], undefined],
  ['none', [], undefined],
];

test.each(TABLE)('of %s, seen as %j, is said %j', (name, values, rule) => {
  expect(infer(name, values)?.rule).toEqual(rule);
});

test('says what it rests on', () => {
  expect(infer('queue', ['a', 'b', 'a', 'b', 'a'])?.because).toBe('5 calls, 2 values seen');
  expect(infer('refund', [3])?.because).toBe('1 call, 1 value seen');
});

test('rounds up to 1, 2 or 5', () => {
  expect([0, 0.02, 0.03, 0.7, 1, 3, 5, 6, 11, 49, 500, 501].map(roundedUp)).toEqual([
    0, 0.02, 0.05, 1, 1, 5, 5, 10, 20, 50, 500, 1000,
  ]);
});
