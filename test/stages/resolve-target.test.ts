import { describe, expect, test } from 'vitest';
import type { Resolved } from '../../src/domain/call.ts';
import { canonical, sha256 } from '../../src/domain/json.ts';
import { presented, receivedOf } from '../support/path.ts';
import { type HoldingPath, holdingPath, holdOf } from './holding-path.ts';

const HELD = 'rough__other';
const GIVEN = { do: 'echo', to: { z: 1, a: [2, { c: 3 }] } };

/** What `resolve` made of a call. */
async function resolvedOf(
  path: HoldingPath,
  name: string,
  given: Resolved['arguments'],
): Promise<Resolved | undefined> {
  let made: Resolved | undefined;
  const stages = {
    ...path.stages,
    judge: (call: Resolved) => {
      made = call;
      return path.stages.judge(call);
    },
  };
  await presented(stages, receivedOf(name, given, Date.now()));
  return made;
}

describe('effective arguments', () => {
  test('are frozen through and through, and their digest is that of the text that is sent', async () => {
    const made = await resolvedOf(await holdingPath(), 'rough__rough', GIVEN);
    const to = made?.effective['to'] as { a: [number, { c: number }] };
    expect([made?.effective, to, to.a, to.a[1]].every(Object.isFrozen)).toBe(true);
    expect(made?.canonical).toBe('{"do":"echo","to":{"a":[2,{"c":3}],"z":1}}');
    expect(made?.canonical).toBe(canonical(made?.effective));
    expect(made?.digest).toBe(sha256(made?.canonical ?? ''));
  });
});

describe('tollgate__continue', () => {
  test('runs the very call that was approved, once, and whatever else it is given', async () => {
    const path = await holdingPath();
    const hold = holdOf(await path.call(HELD, GIVEN));
    expect(holdOf(await path.call('tollgate__continue', { hold }))).toBe(hold);
    await path.answer(path.person, hold, 'approve');
    const ran = await path.call('tollgate__continue', { hold, to: 'eve', arguments: { to: 'eve' } });
    expect(ran.said).toBe('ok');
    expect(path.server.calls()).toEqual([GIVEN]);
    expect((await path.call('tollgate__continue', { hold })).refusal).toEqual({
      reason: 'repeated',
      call: ran.id,
      textOnly: true,
    });
    expect((await path.call(HELD, GIVEN)).refusal).toMatchObject({ reason: 'repeated', call: ran.id });
    expect(path.server.calls()).toHaveLength(1);
  });

  test('of a denied hold is denied', async () => {
    const path = await holdingPath();
    const hold = holdOf(await path.call(HELD, GIVEN));
    await path.answer(path.person, hold, 'deny', 'No');
    expect((await path.call('tollgate__continue', { hold })).said).toBe('denied');
  });

  test.each([[{}], [{ hold: 'h_none' }], [{ hold: 7 }], [{ hold: ['h_none'] }], [{ Hold: 'h_none' }]])(
    'with %j finds no hold',
    async (given) => {
      const path = await holdingPath();
      expect((await path.call('tollgate__continue', given)).said).toBe('invalid_arguments');
    },
  );

  test('reaches no hold of another session, and says the same as for none', async () => {
    const path = await holdingPath();
    const hold = holdOf(await path.call(HELD, GIVEN));
    await path.answer(path.person, hold, 'approve');
    const elsewhere = { route: { profile: undefined, session: undefined, folder: '/elsewhere' } };
    const theirs = await path.call('tollgate__continue', { hold }, elsewhere);
    const none = await path.call('tollgate__continue', { hold: 'h_none' }, elsewhere);
    expect([theirs.said, theirs.refusal]).toEqual(['invalid_arguments', none.refusal]);
    expect(path.server.calls()).toEqual([]);
  });

  test('of a resource says to ask for it again, and uses nothing up: the same request then reaches the server', async () => {
    const path = await holdingPath();
    const read = () => path.call('rough://one', {}, { operation: 'resources/read' });
    const hold = holdOf(await read());
    await path.answer(path.person, hold, 'approve');
    expect((await path.call('tollgate__continue', { hold })).refusal).toMatchObject({
      reason: 'denied',
      why: 'what is held is resource rough rough://one, which no tool can give',
      remedy: expect.stringContaining('make that very request again'),
    });
    const reads = () => path.server.received().filter(({ method }) => method === 'resources/read');
    expect(reads()).toEqual([]);
    expect((await read()).said).toBe('rpc_error');
    expect(reads().map(({ params }) => params['uri'])).toEqual(['rough://one']);
  });
});
