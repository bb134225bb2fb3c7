/** The promises of a ledger, which each of its homes must keep. */
import { afterEach, beforeEach, describe } from 'vitest';
import { ageContract } from './ledger-age.ts';
import { approvedContract } from './ledger-approved.ts';
import type { LedgerBench, OpenBench } from './ledger-bench.ts';
import { budgetContract } from './ledger-budgets.ts';
import { callContract } from './ledger-calls.ts';
import { exportContract } from './ledger-exports.ts';
import { extensionContract } from './ledger-extensions.ts';
import { findingContract } from './ledger-findings.ts';
import { historyContract } from './ledger-history.ts';
import { holdContract } from './ledger-holds.ts';
import { journalContract } from './ledger-journal.ts';
import { labelContract } from './ledger-labels.ts';
import { memoryContract } from './ledger-memory.ts';
import { namedContract } from './ledger-named.ts';
import { productionContract } from './ledger-production.ts';
import { quotaContract } from './ledger-quotas.ts';
import { raceContract } from './ledger-race.ts';
import { recordsContract } from './ledger-records.ts';
import { retentionContract } from './ledger-retention.ts';
import { sessionContract } from './ledger-sessions.ts';
import { shownContract } from './ledger-shown.ts';
import { stopContract } from './ledger-stops.ts';
import { termsContract } from './ledger-terms.ts';
import { toldContract } from './ledger-told.ts';

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
    describe('named sessions', () => namedContract(bench));
    describe('age', () => ageContract(bench));
    describe('calls', () => callContract(bench));
    describe('budgets', () => budgetContract(bench));
    describe('extensions', () => extensionContract(bench));
    describe('production', () => productionContract(bench));
    describe('a race for budgets', () => raceContract(bench));
    describe('history', () => historyContract(bench));
    describe('labels', () => labelContract(bench));
    describe('stops', () => stopContract(bench));
    describe('holds', () => holdContract(bench));
    describe('terms', () => termsContract(bench));
    describe('what holds show', () => shownContract(bench));
    describe('holds that were approved', () => approvedContract(bench));
    describe('findings', () => findingContract(bench));
    describe('notifications', () => toldContract(bench));
    describe('memory', () => memoryContract(bench));
    describe('records', () => recordsContract(bench));
    describe('journal', () => journalContract(bench));
    describe('exports', () => exportContract(bench));
    describe('retention', () => retentionContract(bench));
    describe('quotas', () => quotaContract(bench));
  });
}
