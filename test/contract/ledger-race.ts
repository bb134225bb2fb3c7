import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Intent, Ledger } from '../../src/domain/ports.ts';
import { enter, intentOf, KEY, type LedgerBench, MINUTE, START, settlementOf } from './ledger-bench.ts';

const CAPS = { calls: 12, searches: 5, spend: 50, retries: 2, refusals: 6 };
const TOGETHER = { calls: 17, searches: 7 };
const SESSIONS = 2;

/** One thing that a client does, at one of two handles and in one of the sessions. */
const step = fc.record({
  act: fc.constantFrom('call', 'call', 'call', 'settle', 'refuse'),
  handle: fc.nat(1),
  session: fc.nat(SESSIONS - 1),
  path: fc.nat(2),
  searches: fc.nat(2),
  spend: fc.nat(20),
  unspent: fc.nat(20),
  outcome: fc.constantFrom('ok', 'tool_error', 'rpc_error', 'unknown', 'not_sent', 'withheld'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export function raceContract(bench: () => LedgerBench): void {
  it('whatever is committed, settled and refused at the same time, no cap is passed by one unit, of any kind', async () => {
    const { ledger } = bench();
    const handles = [ledger, await bench().second()] as const;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { maxLength: 8 }), async (rounds) => {
        run += 1;
        await race(handles, rounds, `demo-${run}`);
      }),
      { numRuns: 15 },
    );
    expect(await ledger.verify()).toEqual([]);
  });
}

/** Each round is one crowd. What is charged is added up from the journal, and never from what the ledger says of itself. */
async function race(handles: readonly [Ledger, Ledger], rounds: readonly (readonly Step[])[], profile: string) {
  const folders = Array.from({ length: SESSIONS }, (_, n) => ({ ...KEY, profile, folder: `/work/${n}` }));
  const ids = await Promise.all(folders.map((key) => enter(handles[0], key)));
  const open: { readonly intent: Intent; readonly spend: number }[] = [];
  let refused = 0;
  const take = async ({ act, handle, session, path, searches, spend, unspent, outcome }: Step): Promise<void> => {
    const on = handles[handle] ?? handles[0];
    const id = ids[session] ?? '';
    if (act === 'refuse') {
      const draft = { session: id, kind: 'refused', call: `call_${++refused}`, at: START, body: {} } as const;
      await on.append(draft, undefined, { kind: 'refusals', most: CAPS.refusals });
      return;
    }
    if (act === 'settle') {
      const ended = open.shift();
      if (ended === undefined) return;
      const back = outcome === 'ok' ? Math.min(unspent, ended.spend) : 0;
      await on.settle(settlementOf(ended.intent, { outcome, unspent: back === 0 ? {} : { spend: back } }));
      return;
    }
    const intent = intentOf(id, {
      claims: { calls: 1, searches, spend },
      caps: CAPS,
      canonical: JSON.stringify({ path: `${path}.txt` }),
      principalCaps: Object.entries(TOGETHER).map(([kind, most]) => ({ kind, most, within: 60 * MINUTE })),
    });
    if ((await on.commit(intent)).ok) open.push({ intent, spend });
  };
  for (const round of rounds) {
    await Promise.all(round.map(take));
    await withinCaps(handles[0], ids);
  }
}

async function withinCaps(ledger: Ledger, ids: readonly string[]): Promise<void> {
  const together: Record<string, number> = {};
  // Read afresh: a snapshot may be older than what the other handle charged.
  const sessions = await ledger.sessions(START);
  for (const id of ids) {
    const charged: Record<string, number> = {};
    const journal = await ledger.journal(id);
    for (const { body } of journal) {
      for (const [kind, amount] of Object.entries((body['claims'] ?? {}) as Record<string, number>)) {
        charged[kind] = (charged[kind] ?? 0) + amount;
        together[kind] = (together[kind] ?? 0) + amount;
      }
      for (const [kind, amount] of Object.entries((body['unspent'] ?? {}) as Record<string, number>))
        charged[kind] = (charged[kind] ?? 0) - amount;
    }
    const refusals = journal.filter(({ kind }) => kind === 'refused').length;
    const used = sessions.find(({ session }) => session.id === id)?.used ?? {};
    const { runtime: _, refusals: counted = 0, ...rest } = used;
    expect(rest).toEqual(charged);
    expect(counted).toBe(Math.min(refusals, CAPS.refusals));
    for (const [kind, cap] of Object.entries(CAPS)) expect(used[kind] ?? 0).toBeLessThanOrEqual(cap);
  }
  for (const [kind, cap] of Object.entries(TOGETHER)) expect(together[kind] ?? 0).toBeLessThanOrEqual(cap);
}
