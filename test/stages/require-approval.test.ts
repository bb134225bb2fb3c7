import { describe, expect, onTestFinished, test } from 'vitest';
import { LARGEST_HELD_ARGUMENTS, OPEN_HOLDS_PER_SESSION } from '../../src/domain/hold.ts';
import { ANSWER_WITHIN, USE_WITHIN } from '../../src/domain/terms.ts';
import { openPath } from '../support/path.ts';
import { holdingPath, holdingPolicy, holdOf } from './holding-path.ts';

const HELD = 'rough__other';
const GIVEN = { do: 'echo', to: 'ada' };

describe('an approval', () => {
  test('runs the call that was held, once; the same call again gets its recorded result', async () => {
    const path = await holdingPath();
    const hold = holdOf(await path.call(HELD, GIVEN));
    expect(holdOf(await path.call(HELD, { to: 'ada', do: 'echo' }))).toBe(hold);
    await path.answer(path.person, hold, 'approve');
    expect(path.server.calls()).toEqual([]);
    const ran = await path.call(HELD, GIVEN);
    expect(ran.said).toBe('ok');
    expect((await path.call(HELD, GIVEN)).refusal).toMatchObject({ reason: 'repeated', call: ran.id });
    expect((await path.ledger.recorded(ran.id))?.outcome).toEqual(ran.outcome);
    expect(path.server.calls()).toEqual([GIVEN]);
  });

  test('is for these arguments: others are another hold, and still wait', async () => {
    const path = await holdingPath();
    const hold = holdOf(await path.call(HELD, GIVEN));
    await path.answer(path.person, hold, 'approve');
    expect(holdOf(await path.call(HELD, { ...GIVEN, to: 'eve' }))).not.toBe(hold);
    expect(holdOf(await path.call(HELD, { ...GIVEN, more: null }))).not.toBe(hold);
    expect(path.server.calls()).toEqual([]);
  });

  test.each([
    ['the rules of the tool', (text: string) => text.replace('Somebody should look.', 'Somebody else should look.')],
    ['what the contract says', (text: string) => text.replace('irreversible,', 'irreversible, can: Do more.,')],
  ])('ends when %s change: the call waits anew', async (_, change) => {
    const path = await holdingPath();
    const hold = holdOf(await path.call(HELD, GIVEN));
    await path.answer(path.person, hold, 'approve');
    const changed = await openPath(path.folder, change(holdingPolicy(path.server)), { role: 'visitor' });
    onTestFinished(() => changed.close());
    const again = holdOf(await changed.call(HELD, GIVEN));
    expect(again).not.toBe(hold);
    expect(await path.ledger.hold(hold, Date.now())).toMatchObject({ state: 'lapsed' });
    expect(holdOf(await changed.call('tollgate__continue', { hold }))).toBe(again);
    expect(path.server.calls()).toEqual([]);
  });

  test('stands when a rule of another tool changes', async () => {
    const path = await holdingPath();
    await path.answer(path.person, holdOf(await path.call(HELD, GIVEN)), 'approve');
    const text = holdingPolicy(path.server).replace('rough.rough: { effect: read }', 'rough.rough: { effect: write }');
    const changed = await openPath(path.folder, text, { role: 'visitor' });
    onTestFinished(() => changed.close());
    expect((await changed.call(HELD, GIVEN)).said).toBe('ok');
  });

  test('that nobody used in time has lapsed', async () => {
    let at = Date.now();
    const path = await holdingPath({ now: () => at });
    const hold = holdOf(await path.call(HELD, GIVEN));
    await path.answer(path.person, hold, 'approve');
    at = Date.now() + USE_WITHIN + 1000;
    expect(holdOf(await path.call(HELD, GIVEN))).not.toBe(hold);
    expect(path.server.calls()).toEqual([]);
  });

  test('that comes too late is refused, and counts as no denial', async () => {
    let at = Date.now() - ANSWER_WITHIN - 1000;
    const path = await holdingPath({ now: () => at });
    const hold = holdOf(await path.call(HELD, GIVEN));
    at = Date.now();
    await expect(path.answer(path.person, hold, 'approve')).rejects.toThrow(/lapsed/);
    expect(holdOf(await path.call(HELD, GIVEN))).not.toBe(hold);
  });
});

describe('a denial', () => {
  test('holds for the same arguments in this session, and its reason is told', async () => {
    const path = await holdingPath();
    await path.answer(path.person, holdOf(await path.call(HELD, GIVEN)), 'deny', 'Not him');
    for (const _ of [1, 2]) {
      expect((await path.call(HELD, GIVEN)).refusal).toMatchObject({
        reason: 'denied',
        why: 'a person denied this exact call: Not him',
      });
    }
    expect(holdOf(await path.call(HELD, { ...GIVEN, to: 'bob' }))).toMatch(/^h_/);
  });

  test('three times over closes the tool for this session, for all arguments', async () => {
    const path = await holdingPath();
    for (const to of ['a', 'b', 'c'])
      await path.answer(path.person, holdOf(await path.call(HELD, { ...GIVEN, to })), 'deny');
    expect((await path.call(HELD, { ...GIVEN, to: 'd' })).refusal).toMatchObject({
      reason: 'denied',
      why: 'People denied rough.other 3 times in this session',
    });
    expect((await path.call('rough__rough', { do: 'echo' })).said).toBe('ok');
  });
});

describe('a person is spared', () => {
  test('arguments that nobody can read: over 16 KiB they are denied, not held', async () => {
    const path = await holdingPath();
    const room = LARGEST_HELD_ARGUMENTS - '{"do":"echo","to":""}'.length;
    expect(holdOf(await path.call(HELD, { do: 'echo', to: 'x'.repeat(room) }))).toMatch(/^h_/);
    // Bytes count, not characters.
    for (const to of ['x'.repeat(room + 1), 'é'.repeat(room / 2 + 1)]) {
      expect((await path.call(HELD, { do: 'echo', to })).refusal).toMatchObject({
        reason: 'denied',
        why: 'its arguments are over 16 KiB, more than a person can read',
      });
    }
    expect(await path.ledger.holds({ open: true }, Date.now())).toHaveLength(1);
  });

  test('a flood: the sixth open hold of a session is refused, the others stay', async () => {
    const path = await holdingPath();
    const asked = await Promise.all(
      Array.from({ length: OPEN_HOLDS_PER_SESSION + 3 }, (_, at) => path.call(HELD, { ...GIVEN, at })),
    );
    expect(asked.filter((one) => one.said === 'held')).toHaveLength(OPEN_HOLDS_PER_SESSION);
    expect(asked.filter((one) => one.said === 'denied')).toHaveLength(3);
    expect(await path.ledger.holds({ open: true }, Date.now())).toHaveLength(OPEN_HOLDS_PER_SESSION);
  });
});
