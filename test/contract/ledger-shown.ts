import { expect, it } from 'vitest';
import type { Shown } from '../../src/domain/hold.ts';
import { sha256 } from '../../src/domain/json.ts';
import { decisionOf, enter, held, type LedgerBench, placingOf, START, writeOf } from './ledger-bench.ts';

const shownAs = (text: string): Shown => ({ tool: 'desk.get_draft', text, digest: sha256(text) });

export function shownContract(bench: () => LedgerBench): void {
  it('what arguments point at is kept with the hold, over a restart, and its digest alone is in the journal', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const shown = shownAs('Dear Ada');
    const hold = await held(ledger, placingOf(writeOf(id), { shown }));
    expect(hold.shown).toEqual(shown);
    const reopened = await bench().reopen();
    expect((await reopened.hold(hold.id, START))?.shown).toEqual(shown);
    expect((await reopened.holds({ open: true }, START)).map((one) => one.shown)).toEqual([shown]);
    const journal = await reopened.journal(id);
    expect(journal.filter(({ kind }) => kind === 'held').map(({ body }) => body['shown'])).toEqual([
      shown.digest,
      shown.digest,
    ]);
    expect(JSON.stringify(journal)).not.toContain('Dear Ada');
    expect(await reopened.verify()).toEqual([]);
  });

  it('other content is another hold, and voids what was open or approved', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const placing = (text: string) => placingOf(writeOf(id), { shown: shownAs(text) });
    const first = await held(ledger, placing('one'));
    await ledger.decide(first.id, decisionOf('approve'));
    const second = await held(ledger, placing('two'));
    expect([second.id === first.id, second.state]).toEqual([false, 'open']);
    expect(await ledger.hold(first.id, START)).toMatchObject({ state: 'lapsed' });
    expect((await held(ledger, placing('one'))).id).not.toBe(first.id);
    expect(await ledger.hold(second.id, START)).toMatchObject({ state: 'lapsed' });
  });

  it('a denial is of the content that was shown; without any to tell it by it stands', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const placing = (shown: Shown | undefined) => placingOf(writeOf(id), { shown });
    const first = await held(ledger, placing(shownAs('one')));
    await ledger.decide(first.id, decisionOf('deny'));
    expect((await held(ledger, placing(shownAs('one')))).state).toBe('denied');
    expect((await held(ledger, placing(undefined))).state).toBe('denied');
    expect((await held(ledger, placing(shownAs('two')))).state).toBe('open');
  });
}
