import { expect, it } from 'vitest';
import { enter, entered, intentOf, KEY, type LedgerBench, START } from './ledger-bench.ts';

export function labelContract(bench: () => LedgerBench): void {
  it('labels rise with the intent, are seen at once, and never fall', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    expect((await ledger.look(id, START))?.labels).toEqual([]);
    const raising = intentOf(id, { labels: ['untrusted', 'private'] });
    await ledger.commit(raising);
    expect((await ledger.look(id, START))?.labels).toEqual(['private', 'untrusted']);
    expect((await entered(ledger, START)).labels).toEqual(['private', 'untrusted']);
    await ledger.commit(intentOf(id, { labels: ['payroll'] }));
    await ledger.commit(intentOf(id, { labels: [] }));
    expect((await ledger.find(KEY, START))?.labels).toEqual(['payroll', 'private', 'untrusted']);
    expect((await ledger.sessions(START)).map((snapshot) => snapshot.labels)).toEqual([
      ['payroll', 'private', 'untrusted'],
    ]);
    expect((await enter(ledger, { ...KEY, profile: 'other' })) === id).toBe(false);
    expect((await entered(ledger, START, { ...KEY, profile: 'other' })).labels).toEqual([]);
  });

  it('labels are there after a restart, and after the process was killed', async () => {
    const id = await enter(bench().ledger);
    await bench().ledger.commit(intentOf(id, { labels: ['private'] }));
    await bench().ledger.close();
    await bench().commitAndDie([intentOf(id, { labels: ['untrusted'] })]);
    const ledger = await bench().reopen();
    await ledger.recover(START);
    expect((await ledger.look(id, START))?.labels).toEqual(['private', 'untrusted']);
  });

  it('the journal says which labels an intent raised, and of none where it raised none', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.commit(intentOf(id, { labels: ['private'] }));
    await ledger.commit(intentOf(id, { labels: ['private', 'untrusted'] }));
    await ledger.commit(intentOf(id, { labels: ['private'] }));
    const raised = (await ledger.journal(id)).slice(1).map((entry) => entry.body['labels']);
    expect(raised).toEqual([['private'], ['untrusted'], undefined]);
  });

  it('a judgement that saw fewer labels than the session has by now is stale, and nothing is charged or raised', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const judged = intentOf(id, { judgedBy: [], labels: ['payroll'] });
    await other.commit(intentOf(id, { labels: ['private'] }));
    expect(await ledger.commit(judged)).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.look(id, START)).toMatchObject({ labels: ['private'], used: { calls: 1 } });
    expect(await ledger.commit({ ...judged, judgedBy: ['untrusted'] })).toMatchObject({ reason: 'stale' });
    expect(await ledger.commit({ ...judged, judgedBy: ['private'] })).toMatchObject({ ok: true });
    expect(await ledger.commit(intentOf(id, { judgedBy: undefined }))).toMatchObject({ ok: true });
  });

  it('of 16 calls judged by a clean session, of which each taints it, one runs', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        (n % 2 ? ledger : other).commit(intentOf(id, { judgedBy: [], labels: ['private'] })),
      ),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(new Set(answers.flatMap((answer) => (answer.ok ? [] : [answer.reason])))).toEqual(new Set(['stale']));
  });

  it('a refused intent raises no label', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const refused = await ledger.commit(intentOf(id, { labels: ['private'], caps: { calls: 0 } }));
    expect(refused).toMatchObject({ ok: false, reason: 'over_budget' });
    expect((await ledger.look(id, START))?.labels).toEqual([]);
  });
}
