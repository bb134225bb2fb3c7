/** A ledger in a file of its own, with the other processes and handles that a contract test asks for. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Ledger } from '../../src/domain/ports.ts';
import type { Quotas } from '../../src/domain/retention.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import type { LedgerBench } from '../contract/ledger-bench.ts';
import { inProcess } from './in-process.ts';

export interface SqliteBench extends LedgerBench {
  readonly file: string;
  readonly contentKey: Uint8Array;
}

export async function openSqliteBench(): Promise<SqliteBench> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-ledger-'));
  const file = join(folder, 'ledger.db');
  const contentKey = randomBytes(32);
  const opened: Ledger[] = [];
  const open = async (role: 'owner' | 'visitor', quotas?: Quotas): Promise<Ledger> => {
    const ledger = await openSqlite({ file, contentKey, role, ...(quotas && { quotas }) });
    opened.push(ledger);
    return ledger;
  };
  const ledger = await open('owner');
  return {
    file,
    contentKey,
    ledger,
    reopen: async (quotas) => {
      await ledger.close();
      return open('owner', quotas);
    },
    second: () => open('visitor'),
    decideElsewhere: (hold, decision) => inProcess(file, contentKey, { job: 'decide', hold, decision }, 'exit'),
    commitAndDie: (intents) => inProcess(file, contentKey, { job: 'commit', intents }, 'kill'),
    tamper: async (sql) => {
      const db = new DatabaseSync(file);
      db.exec(sql);
      db.close();
    },
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await rm(folder, { recursive: true });
    },
  };
}
