import { expect, test } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { explain } from '../../../src/policy/explain/explain.ts';
import { readGiven } from '../../../src/policy/explain/read-given.ts';
import { loadUntested } from '../../../src/policy/file/load.ts';
import { HEAD, ref } from '../policy-text.ts';
import { lockOf } from '../typed/locked.ts';

const number = { type: 'number' };
const LOCK = lockOf({
  crm: [
    { name: 'get', inputSchema: { type: 'object', properties: { id: { type: 'string' } } } },
    {
      name: 'refund',
      inputSchema: {
        type: 'object',
        properties: { refund: number, queue: { type: 'string' }, to: { type: 'string' } },
      },
    },
    { name: 'send', inputSchema: { type: 'object', properties: { id: { type: 'string' } } } },
    { name: 'pay', inputSchema: { type: 'object', properties: { amount: number } } },
  ],
});
const TEXT = `${HEAD}servers: { crm: { command: [crm] } }
tools:
  crm.get: { effect: read, labels: [private], sends_to: none }
  crm.refund:
    effect: write
    labels: []
    sends_to: external
    arguments:
      refund: { minimum: 0, maximum: 500 }
      queue: { enum: [billing, returns] }
    cases:
      - { id: small, when: { refund: { maximum: 50 } }, then: allow }
      - { id: large, when: { refund: { exclusiveMinimum: 50 } }, then: hold, reason: Much. }
  "crm.p*":
    effect: write
    labels: []
    sends_to: internal
    after: [{ tool: crm.get, within: 1h }]
    limits:
      - { sum: "${ref('arguments.amount')}", within: 24h, max: 10 }
    charges: { payments: 2 }
  crm.send:
    sends_to: none
    approval: {}
    shows: { tool: crm.get, arguments: { id: "${ref('arguments.id')}" } }
flows: [{ id: stay, when: { labels: [private], sends_to: external }, then: deny }]
budgets: { session: { payments: 8 } }
`;

function explained(target: string, given: JsonObject, before: JsonObject = {}) {
  const loaded = loadUntested({ file: '/p.yaml', text: TEXT, lock: LOCK });
  if (!loaded.ok) throw new Error(loaded.error.map(problemText).join('\n'));
  const read = readGiven(before);
  if (!read.ok) throw new Error(read.error.map(problemText).join('\n'));
  return explain(loaded.value, target, given, read.value);
}

test('a denial says by which rule at which line, and the nearest bound that passes', () => {
  expect(explained('crm.refund', { refund: 900, queue: 'biling' })).toEqual({
    target: 'crm.refund',
    verdict: 'deny',
    rules: [
      { rule: 'crm.refund.arguments.refund', at: '/p.yaml:12' },
      { rule: 'crm.refund.arguments.queue', at: '/p.yaml:13' },
    ],
    reason: '`refund` must be >= 0 and <= 500; `queue` must be one of "billing", "returns"',
    observed: [],
    invalid: [],
    does: { effect: 'write', charges: {}, labels: [], sendsTo: 'external', scopes: [], shows: undefined },
    changes: ['`refund` <= 500 (is 900)', '`queue` one of "billing", "returns" (is "biling"); did you mean "billing"?'],
  });
});

test('where no case matches, the nearest is named with what it misses', () => {
  const { verdict, rules, changes, invalid } = explained('crm.refund', { refund: 'x' });
  expect(verdict).toBe('deny');
  expect(rules.map(({ at }) => at)).toContain('/p.yaml:12');
  expect(invalid).toEqual(['`refund` must be a number']);
  expect(changes).toContainEqual(expect.stringContaining('(is "x")'));
  const missing = explained('crm.refund', {});
  expect([missing.verdict, missing.changes]).toEqual([
    'hold',
    ['crm.refund.cases.large asks: it is for `refund` > 50; the case small asks nobody: it is for `refund` <= 50'],
  ]);
});

test('a denial by what a session touched or lacks says so', () => {
  expect(explained('crm.refund', { refund: 5 }, { labels: ['private'] })).toMatchObject({
    verdict: 'deny',
    rules: [{ rule: 'flows.stay', at: '/p.yaml:29' }],
    changes: ['a session that has not touched private data (flows.stay)'],
  });
  expect(explained('crm.pay', { amount: 5 })).toMatchObject({
    verdict: 'deny',
    rules: [{ rule: 'crm.pay.after.0', at: '/p.yaml:21' }],
    changes: ['crm.pay.after.0: call `crm.get` first'],
  });
  const calls = [{ call: 'crm.get' }, { call: 'crm.pay', arguments: { amount: 8 }, ago: '4h' }];
  expect(explained('crm.pay', { amount: 5 }, { calls: [...calls, { call: 'crm.get' }] })).toMatchObject({
    verdict: 'deny',
    rules: [{ rule: 'crm.pay.limits.0', at: '/p.yaml:23' }],
    changes: ['crm.pay.limits.0: 8 of 10 is used, and this adds 5, some of it free in 20h'],
  });
});

test('what is allowed says what is left, and what it changes for later calls', () => {
  const calls = [{ call: 'crm.get' }, { call: 'crm.pay', arguments: { amount: 8 } }];
  expect(explained('crm.pay', { amount: 1.5 }, { calls })).toMatchObject({
    verdict: 'allow',
    changes: ['crm.pay.limits.0 leaves 0.5 of 10 after this', 'budgets.session.payments: this takes 2 of 8'],
  });
  expect(explained('crm.get', { id: 'c1' })).toMatchObject({
    verdict: 'allow',
    does: { effect: 'read', labels: ['private'], sendsTo: 'none', scopes: [], shows: undefined },
    changes: ['from then on flows.stay denies what goes as far as external'],
  });
});

test('what is not listed is told with what may have been meant', () => {
  expect(explained('crm.refnd', {})).toMatchObject({
    verdict: 'deny',
    rules: [{ rule: 'tools', at: '/p.yaml:5' }],
    does: undefined,
    changes: ['it is not listed; did you mean "crm.refund"?'],
  });
});

test('what has happened is written as in tests, and a mistake in it is told with its place', () => {
  expect(readGiven({ labels: 4 })).toMatchObject({ ok: false, error: [{ message: 'expected a list, found 4' }] });
});

test('production is held for each session by a rule with a place, and not for one that may reach it', () => {
  const text = `${HEAD}servers: { crm: { command: [crm], environment: production } }\ntools: { crm.get: { effect: read } }\n`;
  const loaded = loadUntested({ file: '/p.yaml', text });
  if (!loaded.ok) throw new Error(loaded.error.map(problemText).join('\n'));
  expect(explain(loaded.value, 'crm.get', {}, {})).toMatchObject({
    verdict: 'hold',
    rules: [{ rule: 'servers.crm.environment', at: '/p.yaml:4' }],
    reason: 'crm is production; a yes lets this session reach it from then on',
    changes: [
      'servers.crm.environment asks once for each session; one that may reach crm is not asked (given: { production: [crm] })',
    ],
  });
  expect(explain(loaded.value, 'crm.get', {}, { production: ['crm'] }).verdict).toBe('allow');
});

test('what whoever is asked is shown beside the arguments is told with what the call does', () => {
  expect(explained('crm.send', { id: 'd1' })).toMatchObject({ verdict: 'hold', does: { shows: 'crm.get' } });
});
