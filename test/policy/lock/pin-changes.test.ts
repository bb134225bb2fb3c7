import { expect, test } from 'vitest';
import type { Difference } from '../../../src/policy/lock/lock-diff.ts';
import { pinChanges } from '../../../src/policy/lock/pin-changes.ts';

const changed = (changes: Difference['changes']): Difference => ({
  ...{ server: 'mail', what: 'tool', name: 'send', how: 'changed', blocks: true, changes },
});

test('words that went and came are told apart from those that stayed', () => {
  const change = { at: 'description', kind: 'text', was: 'Mails Ada today.', now: 'Mails Eve today.' } as const;
  expect(pinChanges([changed([change])])).toEqual([
    {
      heading: 'tool mail.send  changed',
      words: [
        { how: 'same', text: 'description: Mails ' },
        { how: 'gone', text: 'Ada' },
        { how: 'new', text: 'Eve' },
        { how: 'same', text: ' today.' },
      ],
    },
  ]);
});

test('a server cannot pass its words for unchanged ones with the characters that mark changes', () => {
  const now = 'Mails \u0003nothing\u0001 new\u0002.';
  const [change] = pinChanges([changed([{ at: 'description', kind: 'text', was: undefined, now }])]);
  expect(change?.words).toEqual([
    { how: 'same', text: 'description: ' },
    { how: 'new', text: 'Mails \u27e8U+0003\u27e9nothing\u27e8U+0001\u27e9 new\u27e8U+0002\u27e9.' },
  ]);
});

test('what is new, gone or changed in another way is all there', () => {
  const changes: Difference['changes'] = [
    { at: 'argument `to`', kind: 'added', required: true, value: { type: 'string' } },
    { at: 'maximum', kind: 'value', was: 5, now: 9 },
  ];
  const words = pinChanges([changed(changes)])[0]?.words ?? [];
  expect(words.filter(({ how }) => how !== 'same')).toEqual([
    { how: 'new', text: 'added, required' },
    { how: 'gone', text: '5' },
    { how: 'new', text: '9' },
  ]);
  expect(words.map(({ text }) => text).join('')).toContain('{"type":"string"}');
});
