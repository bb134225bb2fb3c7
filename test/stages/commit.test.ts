import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Decision } from '../../src/domain/hold.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, visit } from '../support/person.ts';
import { legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { type HoldingPath, holdingPath, holdOf } from './holding-path.ts';

const HELD = 'rough__other';
const GIVEN = { do: 'echo', to: 'ada' };

/** A gateway process under this policy, ended with the test. */
async function served(tools: string, folder = temporaryFolder()) {
  const server = recordingServer(folder);
  const gateway = await startGateway(
    `version: 1\nprofile: crowd\nwho: local\nservers: { rough: ${server.yaml} }\n${tools}\n`,
    { folder },
  );
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { server, gateway };
}

describe('no budget is overspent by a crowd', () => {
  test('of 50 calls at once, of both eras, under a cap of 30: exactly 30 reach the server', async () => {
    const { server, gateway } = await served(
      'tools: { rough.rough: { effect: read } }\nbudgets: { session: { calls: 30 } }',
    );
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => {
        const given = { do: 'echo', at };
        const modern = modernRequest('tools/call', { name: 'rough__rough', arguments: given });
        return at % 2 === 0
          ? post(gateway, legacyCall('rough__rough', given))
          : post(gateway, modern, modernHeaders(modern));
      }),
    );
    const said = answers.map(textOf);
    expect(said.filter((text) => /^ok(?:$|\n)/.test(text))).toHaveLength(30);
    expect(said.filter((text) => text === 'STOPPED: 30 of 30 calls used. Summarise and stop.')).toHaveLength(20);
    expect(new Set(server.calls().map((given) => given['at'])).size).toBe(30);
    expect(server.calls()).toHaveLength(30);
  });

  test('of calls that each cost a fifth, more than five', async () => {
    const { server, gateway } = await served(
      `tools: { rough.rough: { effect: write, spend: { amount: 0.2 } } }
budgets: { session: { spend: { max: 1.00, currency: USD } } }`,
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => post(gateway, legacyCall('rough__rough', { do: 'echo', at }))),
    );
    expect(answers.filter((answer) => /^ok(?:$|\n)/.test(textOf(answer)))).toHaveLength(5);
    expect(server.calls()).toHaveLength(5);
  });
});

test('one approval and ten identical calls at once: it runs once, and all get that result', async () => {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const { server, gateway } = await served('tools: { rough.other: { effect: irreversible, approval: {} } }', folder);
  const waiting = Array.from({ length: 10 }, (_, id) => post(gateway, legacyCall(HELD, GIVEN, id)));
  const ledger = await visit(gateway.home);
  onTestFinished(() => ledger.close());
  const refusedCalls = async (): Promise<number> => {
    const [newest] = await ledger.sessions(Date.now());
    const entries = newest === undefined ? [] : await ledger.journal(newest.session.id);
    return entries.filter((entry) => entry.kind === 'refused').length;
  };
  await until(async () => (await refusedCalls()) >= 10);
  const [hold, ...more] = await ledger.holds({ open: true }, Date.now());
  expect(more).toEqual([]);
  if (hold !== undefined) await ledger.decide(hold.id, person.sign(ledger, hold, 'approve'));
  const said = (await Promise.all(waiting)).map(textOf);
  expect(server.calls()).toEqual([GIVEN]);
  expect(said.filter((text) => text === 'ok')).toHaveLength(1);
  const recorded = said.filter((text) =>
    /^RECORDED: this exact call ran at \S+ and was not run again\. .*\nok$/.test(text),
  );
  expect(recorded).toHaveLength(9);
  const again = await post(gateway, legacyCall(HELD, GIVEN));
  expect(again.last.result).toMatchObject({ _meta: { 'tollgate/recorded': expect.stringMatching(/^\d{4}-/) } });
  expect(server.calls()).toHaveLength(1);
});

describe('a grant that no known person signed runs nothing', () => {
  type Forge = (path: HoldingPath, genuine: Decision) => Promise<Decision> | Decision;
  const forgeries: readonly (readonly [name: string, forge: Forge])[] = [
    ['a signature of nobody', (_, genuine) => ({ ...genuine, signature: 'A'.repeat(86) })],
    ['no signature', (_, genuine) => ({ ...genuine, signature: '' })],
    ['another name', (_, genuine) => ({ ...genuine, by: 'mallory' })],
    ['another key', (_, genuine) => ({ ...genuine, kid: `sha256:${'0'.repeat(64)}` })],
    ['another time', (_, genuine) => ({ ...genuine, at: genuine.at + 1 })],
    ['another reason', (_, genuine) => ({ ...genuine, because: 'the user said so' })],
    [
      'the signature of a person who was never enrolled here',
      async (path) => {
        const elsewhere = temporaryFolder();
        onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
        const stranger = await enrolPerson(homeOf(environmentOf(elsewhere)));
        const [hold] = await path.ledger.holds({ open: true }, Date.now());
        if (hold === undefined) throw new Error('there is no hold');
        return stranger.sign(path.ledger, hold, 'approve');
      },
    ],
    [
      'an answer given for another ledger',
      async (path) => {
        const [hold] = await path.ledger.holds({ open: true }, Date.now());
        if (hold === undefined) throw new Error('there is no hold');
        return path.person.sign({ instance: 'ledger_other' }, hold, 'approve');
      },
    ],
    [
      'the approval of another hold',
      async (path) => {
        const other = holdOf(await path.call(HELD, { ...GIVEN, to: 'bob' }));
        await path.answer(path.person, other, 'approve');
        const answered = await path.ledger.hold(other, Date.now());
        const [decision] = answered?.decisions ?? [];
        if (decision === undefined) throw new Error('it was not answered');
        return decision;
      },
    ],
  ];

  test.each(forgeries)('%s', async (_, forge) => {
    const path = await holdingPath();
    const id = holdOf(await path.call(HELD, GIVEN));
    const hold = await path.ledger.hold(id, Date.now());
    if (hold === undefined) throw new Error('there is no hold');
    const forged = await forge(path, path.person.sign(path.ledger, hold, 'approve'));
    expect(await path.ledger.decide(id, forged)).toMatchObject({ ok: true });
    for (const [name, given] of [
      [HELD, GIVEN],
      ['tollgate__continue', { hold: id }],
    ] as const) {
      expect((await path.call(name, given)).refusal).toMatchObject({
        reason: 'denied',
        why: 'its approval was not signed by a known person',
      });
    }
    expect(path.server.calls()).toEqual([]);
    expect((await path.session()).used['calls'] ?? 0).toBe(0);
  });

  test('a denial that was turned into an approval by raw SQL', async () => {
    const path = await holdingPath();
    const id = holdOf(await path.call(HELD, GIVEN));
    await path.answer(path.person, id, 'deny', 'No');
    const database = new DatabaseSync(path.home.ledger);
    const decision = database.prepare('SELECT decisions FROM hold WHERE id = ?').get(id)?.['decisions'];
    const turned = String(decision).replace('"deny"', '"approve"');
    const set = database.prepare(`UPDATE hold SET state = 'approved', decisions = ?, expires_at = ? WHERE id = ?`);
    expect(set.run(turned, Date.now() + 60_000, id).changes).toBe(1);
    database.close();
    expect((await path.call(HELD, GIVEN)).refusal).toMatchObject({
      reason: 'denied',
      why: 'its approval was not signed by a known person',
    });
    expect(path.server.calls()).toEqual([]);
  });

  test('an approval whose hold was given other arguments by raw SQL', async () => {
    const path = await holdingPath();
    const id = holdOf(await path.call(HELD, GIVEN));
    const other = holdOf(await path.call(HELD, { ...GIVEN, to: 'eve' }));
    await path.answer(path.person, id, 'approve');
    const database = new DatabaseSync(path.home.ledger);
    const from = database.prepare('SELECT digest, binding, entry, bound FROM hold WHERE id = ?').get(other);
    const set = database.prepare('UPDATE hold SET digest = ?, binding = ?, entry = ?, bound = ? WHERE id = ?');
    expect(set.run(...(Object.values(from ?? {}) as [string, string, number, string]), id).changes).toBe(1);
    database.close();
    expect((await path.call(HELD, { ...GIVEN, to: 'eve' })).refusal).toMatchObject({
      reason: 'denied',
      why: 'its approval was not signed by a known person',
    });
    expect(path.server.calls()).toEqual([]);
  });
});
