import { expect, it } from 'vitest';
import { LedgerFault } from '../../src/domain/ports.ts';
import { exportSession } from '../../src/keeper/export-session.ts';
import { verifyExport } from '../../src/keeper/verify-export.ts';
import { busySession, linesOf, textOf } from './busy-session.ts';
import { enter, KEY, type LedgerBench, START } from './ledger-bench.ts';

export function exportContract(bench: () => LedgerBench): void {
  it('an export holds a session whole, is the same each time, and can be checked by itself', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await enter(ledger, { ...KEY, profile: 'other' });
    const text = await textOf(ledger, id);
    expect(await textOf(ledger, id)).toBe(text);
    for (const canary of ['canary-used', 'canary-reason', 'canary-result', 'canary-denied', 'profile: demo'])
      expect(text).toContain(canary);
    const entries = await ledger.journal(id);
    expect(await verifyExport(linesOf(text))).toEqual({
      ok: true,
      value: {
        ledger: ledger.instance,
        session: id,
        contents: 'included',
        entries: entries.length,
        head: entries.at(-1)?.hash,
      },
    });
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { record: string; state?: string });
    expect(records.map(({ record }) => record)).toEqual([
      ...['export', 'session', 'entry', 'entry', 'content', 'entry', 'entry', 'content', 'entry', 'content'],
      ...['entry', 'content', 'entry', 'hold', 'hold', 'policy', 'end'],
    ]);
    expect(records.filter(({ record }) => record === 'hold').map(({ state }) => state)).toEqual(['used', 'denied']);
    expect(await exportSession(ledger, 's_none', { contents: true })).toBeUndefined();
  });

  it('an export of digests holds no content, and its chain is as whole', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    const text = await textOf(ledger, id, false);
    expect(text).not.toContain('canary');
    expect(await verifyExport(linesOf(text))).toMatchObject({ ok: true, value: { contents: 'left out' } });
  });

  it('an export reads long chains page by page', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const draft = (n: number) =>
      ({ session: id, kind: 'refused', call: `c_${n}`, at: START + n, body: { n } }) as const;
    await Promise.all(Array.from({ length: 450 }, (_, n) => ledger.append(draft(n))));
    expect(await verifyExport(linesOf(await textOf(ledger, id)))).toMatchObject({ ok: true, value: { entries: 451 } });
  });

  it('a chain that is not whole is not exported', async () => {
    const { ledger } = bench();
    const id = await busySession(ledger);
    await bench().tamper(`DELETE FROM journal WHERE session = '${id}' AND seq = 3`);
    await expect(exportSession(ledger, id, { contents: true })).rejects.toThrow(LedgerFault);
  });
}
