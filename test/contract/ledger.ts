/** The promises of a ledger, which each of its homes must keep. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { LedgerBench, OpenBench } from './ledger-bench.ts';
import { callContract } from './ledger-calls.ts';
import { historyContract } from './ledger-history.ts';
import { holdContract } from './ledger-holds.ts';
import { journalContract } from './ledger-journal.ts';
import { labelContract } from './ledger-labels.ts';
import { memoryContract } from './ledger-memory.ts';
import { sessionContract } from './ledger-sessions.ts';

export function ledgerContract(name: string, open: OpenBench): void {
  describe(`the ledger in ${name}`, () => {
    let current: LedgerBench | undefined;
    const bench = (): LedgerBench => {
      if (current === undefined) throw new Error('the bench is opened before each test');
      return current;
    };
    beforeEach(async () => {
      current = await open();
    });
    afterEach(() => bench().close());
    describe('sessions', () => sessionContract(bench));
    describe('calls', () => callContract(bench));
    describe('history', () => historyContract(bench));
    describe('labels', () => labelContract(bench));
    describe('holds', () => holdContract(bench));
    describe('memory', () => memoryContract(bench));
    describe('journal', () => journalContract(bench));
  });
}
