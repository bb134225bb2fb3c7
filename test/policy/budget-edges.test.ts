import { describe, expect, test } from 'vitest';
import { HEAD, problemsIn, profileOf, SERVERS } from './policy-text.ts';

const policy = (budgets: string, tools = 'crm.act: {}') =>
  `${HEAD}${SERVERS}tools: { ${tools} }\nbudgets: ${budgets}\n`;
const problemsOf = (budgets: string, tools?: string) => problemsIn(policy(budgets, tools));

describe('budgets', () => {
  test('are reached for good where nothing else is said', () => {
    expect(profileOf(policy('{ session: { calls: 5 } }'))).toMatchObject({ whenReached: 'deny', currency: 'USD' });
    expect(profileOf(`${HEAD}${SERVERS}tools: { crm.act: {} }\n`)).toMatchObject({
      whenReached: 'deny',
      currency: 'USD',
    });
  });

  test('may be extended where one of them can be', () => {
    expect(problemsOf('{ session: { calls: 5, refusals: 3 }, when_reached: extend }')).toEqual([]);
    expect(problemsOf('{ session: { refusals: 3 }, when_reached: extend }')).toEqual([
      '6:38: unused: nothing here can be extended; retries, refusals, approvals end loops',
    ]);
  });

  test('are no list, and say so once', () => {
    expect(problemsOf('[]')).toEqual(['6:10: expected a mapping, found a list']);
  });

  test('name a class as a class is named', () => {
    expect(problemsOf('{ session: { "Searches": 5 } }')).toEqual([
      '6:23: expected the name of a class: lower-case letters, digits and "_", a letter first',
    ]);
  });

  test.each([
    ['runtim', 'runtime'],
    ['spent', 'spend'],
    ['call', 'calls'],
  ])('of %s are asked whether they are of %s', (typo, meant) => {
    expect(problemsOf(`{ session: { ${typo}: 5 } }`)).toEqual([
      `6:23: unused: nothing charges "${typo}"; did you mean "${meant}"?`,
    ]);
  });

  test('have classes of spending where one tool is of one', () => {
    const spend = '{ session: { spend: { classes: [low, high], max_class: low } } }';
    expect(problemsOf(spend, 'crm.act: { spend: { class: low } }, crm.get: {}')).toEqual([]);
    expect(problemsOf(spend, 'crm.act: {}, crm.get: {}')).toEqual([
      '6:32: unused: nothing says the class that it spends in (spend: { class: ... })',
    ]);
  });

  test('name the classes that there are, where a tool is of none of them', () => {
    const spend = '{ session: { spend: { classes: [low, high], max_class: low } } }';
    expect(problemsOf(spend, 'crm.act: { spend: { class: dearest } }, crm.get: { spend: { class: low } }')).toEqual([
      '5:37: there is no class "dearest"; expected one of low, high',
    ]);
  });
});

describe('budgets of a principal', () => {
  const RATE = 'expected so many in a window, such as 60/minute, 100/hour or 2000/day';

  test('are so many in a window', () => {
    expect(profileOf(policy('{ principal: { calls: 60/minute } }')).principalCaps).toEqual([
      { kind: 'calls', most: 60, within: 60_000 },
    ]);
    expect(profileOf(policy('{ principal: { calls: 000000001/day, sessions: 2 } }'))).toMatchObject({
      principalCaps: [{ kind: 'calls', most: 1, within: 86_400_000 }],
      mostSessions: 2,
    });
  });

  test.each(['0/day', '1/days', 'x1/day', '1/day!', '1/', '60', 'true', '[]', '1234567890/day'])(
    'are not %s',
    (said) => {
      expect(problemsOf(`{ principal: { calls: ${said} } }`)).toEqual([expect.stringContaining(RATE)]);
    },
  );

  test('limit something', () => {
    expect(problemsOf('{ principal: {} }')).toEqual(['6:12: unused: it limits nothing']);
  });

  test.each([
    ['call', 'calls'],
    ['session', 'sessions'],
    ['messages', 'message'],
  ])('of %s are asked whether they are of %s, and are none', (typo, meant) => {
    expect(problemsOf(`{ principal: { ${typo}: 5/day } }`, 'crm.act: { charges: { message: 1 } }')).toEqual([
      `6:25: unused: nothing charges "${typo}"; did you mean "${meant}"?`,
    ]);
  });

  test('name a class as a class is named', () => {
    expect(problemsOf('{ principal: { "Searches": 5/day } }')).toEqual([
      '6:25: expected the name of a class: lower-case letters, digits and "_", a letter first',
    ]);
  });
});

describe('a budget of money', () => {
  const spendOf = (spend: string) =>
    problemsOf(`{ session: { spend: ${spend} } }`, 'crm.act: { spend: { amount: 1 } }');

  test('is of a currency', () => {
    expect(spendOf('{ max: 5, currency: EUR }')).toEqual([]);
    expect(spendOf('{ max: 5 }')).toEqual(['6:23: "currency" is missing; expected text']);
    expect(spendOf('{}')).toEqual(['6:23: "max" is missing; expected a number']);
  });

  test('tells once what is wrong with it', () => {
    expect(spendOf('{ max: much, currency: EUR }')).toHaveLength(1);
  });
});

test('a budget of time is of a month at most', () => {
  expect(problemsOf('{ session: { runtime: 720h } }')).toEqual([]);
  expect(problemsOf('{ session: { runtime: 721h } }')).toEqual([
    '6:32: expected a duration of more than 0 and at most 720h',
  ]);
});

test.each(['0a', 'A', 'a b', 'x.a'])('a set is not called %j', (name) => {
  expect(problemsIn(`${HEAD}${SERVERS}sets: { "${name}": [crm.act] }\ntools: { crm.act: {} }\n`)).toContainEqual(
    expect.stringContaining('expected a name: lower-case letters, digits, "-" and "_", a letter first'),
  );
});
