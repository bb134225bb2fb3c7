import { expect, it } from 'vitest';
import type { Demand } from '../../src/domain/history.ts';
import type { OutcomeWord } from '../../src/domain/outcome.ts';
import type { Commitment, Intent } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import {
  enter,
  granted,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

const HOUR = 60 * MINUTE;
const SEND = 'outbox.send';

type Of<Kind extends Demand['kind']> = Extract<Demand, { readonly kind: Kind }>;

const asked = {
  rule: 'outbox.send.rule',
  per: 'session',
  target: SEND,
  where: [],
  reason: 'no',
  remedy: undefined,
} as const;

const limit = (most: number, changes: Partial<Of<'limit'>> = {}): Demand => ({
  ...asked,
  kind: 'limit',
  within: HOUR,
  field: undefined,
  adds: 1,
  most,
  ...changes,
});

const after = (changes: Partial<Of<'after'>> = {}): Demand => ({
  ...asked,
  kind: 'after',
  target: 'crm.check',
  within: HOUR,
  since: undefined,
  ...changes,
});

const notAfter = (changes: Partial<Of<'not_after'>> = {}): Demand => ({
  ...asked,
  kind: 'not_after',
  target: 'crm.close',
  within: undefined,
  ...changes,
});

/** Writes with digests of their own, so that none is taken for another. */
let count = 0;
const send = (session: string, demands: readonly Demand[], changes: Partial<Intent> = {}): Intent =>
  writeOf(session, { demands, digest: `sha256:${++count}`, ...changes });

/** A call that was never made. */
const strange = (session: string) => ({ session, target: SEND, digest: 'sha256:none' });

const passed = (answers: readonly Commitment[]): number => answers.filter((answer) => answer.ok).length;

export function historyContract(bench: () => LedgerBench): void {
  /** A call that was made, and how it ended. */
  const made = async (intent: Intent, outcome: OutcomeWord | 'in_flight' = 'ok', fields = {}): Promise<void> => {
    expect(await bench().ledger.commit(intent)).toMatchObject({ ok: true });
    if (outcome !== 'in_flight') await bench().ledger.settle(settlementOf(intent, { outcome, fields }));
  };
  const unmet = async (session: string, demand: Demand, at = START + 10 * MINUTE): Promise<boolean> =>
    (await bench().ledger.unmet(strange(session), [demand], at)) !== undefined;

  it('of 16 concurrent calls against a limit of 5, exactly 5 run, from two handles too', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => (n % 2 ? ledger : other).commit(send(id, [limit(5)]))),
    );
    expect(passed(answers)).toBe(5);
    const refused = answers.find((answer) => !answer.ok);
    expect(refused).toMatchObject({ reason: 'unmet', unmet: { demand: limit(5), used: 5, freesAt: START + HOUR } });
    expect((await ledger.journal(id)).filter((entry) => entry.kind === 'intent')).toHaveLength(5);
    expect((await ledger.look(id, START))?.used['calls']).toBe(5);
  });

  it('of 16 concurrent calls that each add 300, exactly those run that stay within a sum of 1500', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const sum = limit(1500, { field: 'sum', adds: 300 });
    const intent = (): Intent => send(id, [sum], { fields: { sum: 300 } });
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => (n % 2 ? ledger : other).commit(intent())));
    expect(passed(answers)).toBe(5);
    expect(await unmet(id, limit(1500, { field: 'sum', adds: 0 }), START)).toBe(false);
    expect(await unmet(id, limit(1499, { field: 'sum', adds: 0 }), START)).toBe(true);
  });

  it('a limit per principal counts in all its sessions, and in nobody else’s', async () => {
    const { ledger } = bench();
    const mine = [
      await enter(ledger),
      await enter(ledger, { ...KEY, profile: 'x' }),
      await enter(ledger, { ...KEY, folder: '/y' }),
    ];
    const { principal } = KEY;
    const others = await Promise.all([
      enter(ledger, { ...KEY, principal: agentOf('eve') }),
      enter(ledger, { ...KEY, principal: { ...principal, client: 'c' } }),
      enter(ledger, { ...KEY, principal: { ...principal, tenant: 't' } }),
      enter(ledger, { ...KEY, principal: { ...principal, issuer: 'i' } }),
    ]);
    const rule = limit(5, { per: 'principal' });
    const answers = await Promise.all(
      Array.from({ length: 18 }, (_, n) => ledger.commit(send(mine[n % 3] ?? '', [rule]))),
    );
    expect(passed(answers)).toBe(5);
    for (const id of others) expect(await unmet(id, limit(0, { per: 'principal', adds: 0 }))).toBe(false);
    for (const id of mine) expect(await unmet(id, rule)).toBe(true);
  });

  it('a limit counts what is in flight, what failed and what nobody knows; not what was never sent', async () => {
    const id = await enter(bench().ledger);
    for (const outcome of ['ok', 'tool_error', 'unknown', 'not_sent', 'in_flight'] as const)
      await made(send(id, []), outcome);
    expect(await bench().ledger.unmet(strange(id), [limit(4)], START + MINUTE)).toMatchObject({ used: 4 });
    expect(await unmet(id, limit(5))).toBe(false);
    await made(intentOf(id, { target: 'other.tool' }));
    expect(await unmet(id, limit(5))).toBe(false);
  });

  it('a call leaves a window when that long has passed since its end; one in flight does not leave it', async () => {
    const id = await enter(bench().ledger);
    await made(send(id, []));
    const end = START + 1_000;
    expect(await unmet(id, limit(1), end + HOUR - 1)).toBe(true);
    expect(await unmet(id, limit(1), end + HOUR)).toBe(false);
    await made(send(id, []), 'in_flight');
    expect(await unmet(id, limit(1), START + 48 * HOUR)).toBe(true);
  });

  it('an earlier call must have succeeded, lately enough, with the same values', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const check = (changes: Partial<Intent> = {}): Intent => intentOf(id, { target: 'crm.check', ...changes });
    const rule = after({
      where: [
        { field: 'arguments.order', is: 'sha256:o1' },
        { field: 'output.clear', is: true },
      ],
    });
    expect(await unmet(id, rule)).toBe(true);
    await made(check({ fields: { 'arguments.order': 'sha256:o1' } }), 'in_flight');
    await made(check({ fields: { 'arguments.order': 'sha256:o1' } }), 'tool_error', { 'output.clear': true });
    await made(check({ fields: { 'arguments.order': 'sha256:o2' } }), 'ok', { 'output.clear': true });
    await made(check({ fields: { 'arguments.order': 'sha256:o1' } }), 'ok', { 'output.clear': false });
    await made(check({ fields: { 'arguments.order': 'sha256:o1' } }), 'ok');
    expect(await unmet(id, rule)).toBe(true);
    const refused = await ledger.commit(send(id, [rule], { at: START + 2_000 }));
    expect(refused).toMatchObject({ ok: false, reason: 'unmet', unmet: { demand: { rule: rule.rule } } });
    await made(check({ fields: { 'arguments.order': 'sha256:o1' } }), 'ok', { 'output.clear': true });
    expect(await unmet(id, rule)).toBe(false);
    expect(await unmet(id, rule, START + 1_000 + HOUR)).toBe(false);
    expect(await unmet(id, rule, START + 1_001 + HOUR)).toBe(true);
    expect(await ledger.commit(send(id, [rule], { at: START + 2_000 }))).toMatchObject({ ok: true });
  });

  it('nothing may have been made since, where the rule says so', async () => {
    const id = await enter(bench().ledger);
    await made(intentOf(id, { target: 'crm.check' }));
    expect(await unmet(id, after({ since: 'any' }))).toBe(false);
    await made(intentOf(id, { target: 'crm.read', at: START + MINUTE }));
    expect(await unmet(id, after({ since: 'any' }))).toBe(true);
    expect(await unmet(id, after({ since: [SEND, 'crm.read'] }))).toBe(true);
    expect(await unmet(id, after({ since: [SEND] }))).toBe(false);
    await made(send(id, [], { at: START + MINUTE }), 'in_flight');
    expect(await unmet(id, after({ since: [SEND] }))).toBe(true);
  });

  it('what a rule forbids afterwards is forbidden from its intent on, also where a value was not kept', async () => {
    const id = await enter(bench().ledger);
    const rule = notAfter({ where: [{ field: 'arguments.case', is: 'sha256:c1' }] });
    const close = (fields: Intent['fields']): Intent => send(id, [], { target: 'crm.close', fields });
    await made(close({ 'arguments.case': 'sha256:c2' }));
    await made(close({ 'arguments.case': 'sha256:c1' }), 'not_sent');
    expect(await unmet(id, rule)).toBe(false);
    await made(close({ 'arguments.case': 'sha256:c1' }), 'in_flight');
    expect(await unmet(id, rule)).toBe(true);
    const another = await enter(bench().ledger, { ...KEY, profile: 'another' });
    await made(writeOf(another, { target: 'crm.close', fields: {} }));
    expect(await unmet(another, rule)).toBe(true);
  });

  it('what happened is known after a restart, and a call of a dead process counts', async () => {
    const id = await enter(bench().ledger);
    await made(intentOf(id, { target: 'crm.check', fields: { 'arguments.a': 'sha256:1' } }), 'ok', {
      'output.b': true,
    });
    await bench().ledger.close();
    await bench().commitAndDie([send(id, [], { fields: { sum: 7 } })]);
    const ledger = await bench().reopen();
    const where = [
      { field: 'arguments.a', is: 'sha256:1' },
      { field: 'output.b', is: true },
    ];
    expect(await ledger.unmet(strange(id), [after({ where })], START + MINUTE)).toBeUndefined();
    const sum = limit(10, { field: 'sum', adds: 4 });
    expect(await ledger.unmet(strange(id), [sum], START)).toMatchObject({ used: 7 });
    await ledger.recover(START + MINUTE);
    expect(await ledger.unmet(strange(id), [sum], START + MINUTE)).toMatchObject({
      used: 7,
      freesAt: START + MINUTE + HOUR,
    });
  });

  it('a refused intent leaves nothing that counts', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    expect(await ledger.commit(send(id, [limit(0)]))).toMatchObject({ reason: 'unmet' });
    expect(await ledger.commit(send(id, [limit(1)]))).toMatchObject({ ok: true });
    expect((await ledger.look(id, START))?.used['calls']).toBe(1);
    expect(await ledger.verify()).toEqual([]);
  });

  it('a call that runs, or ran on its grant, is what it repeats and not what stands against it', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const first = send(id, []);
    await made(first, 'in_flight');
    const full = limit(1);
    expect(await ledger.unmet(first, [full], START)).toEqual({ repeated: first.call });
    expect(await ledger.unmet(send(id, []), [full], START)).toMatchObject({ demand: full });
    await ledger.settle(settlementOf(first));
    expect(await ledger.unmet(first, [full], START + 2_000)).toMatchObject({ demand: full });
    const approved = await granted(ledger, send(id, []));
    await ledger.commit(approved);
    await ledger.settle(settlementOf(approved));
    expect(await ledger.unmet(approved, [full], approved.at + 2_000)).toEqual({ repeated: approved.call });
    expect(await ledger.unmet(approved, [limit(3)], approved.at + 2_000)).toBeUndefined();
  });
}
