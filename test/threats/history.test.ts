/** Limits and orders of calls that somebody tries to get round. */
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { holdOf } from '../stages/holding-path.ts';
import { lineTo } from '../support/path.ts';
import { inFolder, type RuledPath, ruledPath } from '../support/ruled-path.ts';

const FIRST = 'rough__rough';
const OTHER = 'rough__other';
const echo = (more: JsonObject = {}): JsonObject => ({ do: 'echo', ...more });
const argument = (name: string): string => `"$\{arguments.${name}}"`;
const reasonOf = async (call: ReturnType<RuledPath['call']>): Promise<string | undefined> =>
  (await call).refusal?.reason;

describe('the same id written otherwise', () => {
  const WRITTEN: readonly JsonValue[] = ['C1', 'c1', ' C1', '\uff231', ['C1'], 'C1\u00a0'];

  test('does not make a closed case an open one', async () => {
    const closed = `[{ tool: rough.rough, where: { arguments.id: ${argument('id')} } }]`;
    const path = await ruledPath(
      `tools: { rough.rough: { effect: write }, rough.other: { effect: write, not_after: ${closed} } }\n`,
    );
    await path.call(FIRST, echo({ id: 'C1' }));
    await path.call(FIRST, echo({ id: 7 }));
    for (const id of [...WRITTEN, 7, '7', '7.0', [7], null]) {
      expect(await reasonOf(path.call(OTHER, echo({ id }))), JSON.stringify(id)).toBe('denied');
    }
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
    expect((await path.call(OTHER, echo({ id: 'C2' }))).said).toBe('ok');
  });

  test('has no limit of its own', async () => {
    const limit = `{ count: calls, within: 1h, max: 2, where: { arguments.id: ${argument('id')} } }`;
    const path = await ruledPath(`tools: { rough.other: { effect: write, limits: [${limit}] } }\n`);
    const answers = [];
    for (const id of WRITTEN) answers.push(await path.call(OTHER, echo({ id })));
    expect(answers.map(({ refusal }) => refusal?.reason)).toEqual([undefined, undefined, ...Array(4).fill('denied')]);
    expect((await path.call(OTHER, echo({ id: 'C2' }))).said).toBe('ok');
  });

  test('is not the one that was checked', async () => {
    const checked = `[{ tool: rough.rough, where: { arguments.id: ${argument('id')} } }]`;
    const path = await ruledPath(
      `tools: { rough.rough: { effect: read }, rough.other: { effect: write, after: ${checked} } }\n`,
    );
    await path.call(FIRST, echo({ id: 'C1' }));
    await path.call(FIRST, echo());
    for (const id of [...WRITTEN.slice(1), null]) {
      expect(await reasonOf(path.call(OTHER, echo({ id }))), JSON.stringify(id)).toBe('denied');
    }
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
    expect((await path.call(OTHER, echo({ id: 'C1' }))).said).toBe('ok');
  });
});

describe('what must come first', () => {
  const AFTER =
    'tools: { rough.rough: { effect: read }, rough.other: { effect: write, after: [{ tool: rough.rough }] } }\n';

  test('is met by no call that failed, by none that is under way, and by none of another session', async () => {
    const path = await ruledPath(`${AFTER}resources: []\n`);
    const failed: readonly JsonObject[] = [
      { do: 'error' },
      { do: 'raw', result: { content: [], isError: true } },
      { do: 'raw', result: { content: 'none' } },
      { do: 'exit' },
    ];
    const outcomes = [];
    for (const given of failed) outcomes.push((await path.call(FIRST, given)).outcome?.['outcome']);
    expect(outcomes).toEqual(['rpc_error', 'tool_error', 'withheld', 'unknown']);
    await path.call(FIRST, echo(), inFolder('/elsewhere'));
    const gone = new AbortController();
    const line = lineTo(gone.signal);
    const hanging = path.call(FIRST, { do: 'hang' }, { line });
    while (!path.server.calls().some((given) => given['do'] === 'hang')) await new Promise(setImmediate);
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
    gone.abort();
    await hanging;
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
    await path.call(FIRST, echo());
    expect((await path.call(OTHER, echo())).said).toBe('ok');
  });

  test('lasts no longer where the clock is set back', async () => {
    let at = Date.UTC(2026, 0, 2);
    const path = await ruledPath(AFTER.replace('rough.rough }] }', 'rough.rough, within: 1h }] }'), { now: () => at });
    await path.call(FIRST, echo());
    at -= 20 * 3_600_000;
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
    await path.call(FIRST, echo());
    expect((await path.call(OTHER, echo())).said).toBe('ok');
  });

  test('is not taken for the last word where another call ended in the same millisecond', async () => {
    const since = '[{ tool: rough.rough, since: any }]';
    const path = await ruledPath(
      `tools: { rough.rough: { effect: read }, rough.other: { effect: write, after: ${since} } }\n`,
      { now: () => Date.UTC(2026, 0, 1) },
    );
    await path.call(FIRST, echo());
    expect((await path.call(OTHER, echo({ n: 1 }))).said).toBe('ok');
    expect(await reasonOf(path.call(OTHER, echo({ n: 2 })))).toBe('denied');
  });
});

describe('a limit', () => {
  test('counts calls that failed and calls that nobody knows the end of', async () => {
    const path = await ruledPath(
      'tools: { rough.other: { effect: write, limits: [{ count: calls, within: 1h, max: 3 }] } }\n',
    );
    await path.call(OTHER, { do: 'error' });
    await path.call(OTHER, { do: 'raw', result: { content: 'none' } });
    await path.call(OTHER, { do: 'exit' });
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
  });

  test('adds up amounts to the millionth, and none that is odd goes by', async () => {
    const limit = `{ sum: ${argument('amount')}, within: 1h, max: 500 }`;
    const path = await ruledPath(`tools: { rough.other: { effect: write, limits: [${limit}] } }\n`);
    const odd: readonly JsonValue[] = [-1, '5', [5], { n: 5 }, null, true, 0.0000001, 1e10, 1e300, 500.000001];
    for (const amount of odd) {
      expect(await reasonOf(path.call(OTHER, echo({ amount }))), JSON.stringify(amount)).toBe('denied');
    }
    expect(await reasonOf(path.call(OTHER, echo()))).toBe('denied');
    expect((await path.call(OTHER, echo({ amount: 499.999999 }))).said).toBe('ok');
    expect((await path.call(OTHER, echo({ amount: 0.000001 }))).said).toBe('ok');
    expect(await reasonOf(path.call(OTHER, echo({ amount: 0.000001, n: 2 })))).toBe('denied');
    expect((await path.call(OTHER, echo({ amount: -0 }))).said).toBe('ok');
    expect(path.server.calls()).toHaveLength(3);
  });

  test('that filled up while a person looked stops the call that the person approved', async () => {
    const rules = 'effect: irreversible, approval: {}, limits: [{ count: calls, within: 1h, max: 1 }]';
    const path = await ruledPath(`tools: { rough.other: { ${rules} } }\n`);
    const [one, two] = [holdOf(await path.call(OTHER, echo({ n: 1 }))), holdOf(await path.call(OTHER, echo({ n: 2 })))];
    for (const hold of [one, two]) await path.answer(path.person, hold, 'approve');
    expect((await path.call(OTHER, echo({ n: 1 }))).said).toBe('ok');
    expect(await reasonOf(path.call(OTHER, echo({ n: 2 })))).toBe('denied');
    expect(await reasonOf(path.call('tollgate__continue', { hold: two }))).toBe('denied');
    expect(path.server.calls()).toEqual([echo({ n: 1 })]);
  });

  test('of a principal is one over its sessions, its eras, its processes and a restart', async () => {
    const limit = '{ count: calls, within: 1h, max: 3, per: principal }';
    const path = await ruledPath(`tools: { rough.other: { effect: write, limits: [${limit}] } }\n`);
    await path.call(OTHER, echo({ n: 1 }), { ...inFolder('/a'), revision: '2025-11-25' });
    const visitor = await path.again('visitor');
    await visitor.call(OTHER, echo({ n: 2 }), { ...inFolder('/b'), client: { name: 'another', version: '9' } });
    await visitor.close();
    await path.close();
    const restarted = await path.again('owner');
    expect((await restarted.call(OTHER, echo({ n: 3 }), inFolder('/c'))).said).toBe('ok');
    expect(await reasonOf(restarted.call(OTHER, echo({ n: 4 }), inFolder('/d')))).toBe('denied');
    expect(path.server.calls()).toHaveLength(3);
  });
});
