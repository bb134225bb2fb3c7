/** A ledger in a database of its own, with the other processes and handles that a contract test asks for. */
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { Ledger } from '../../src/domain/ports.ts';
import type { Quotas } from '../../src/domain/retention.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import type { LedgerBench } from '../contract/ledger-bench.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { inProcess } from './in-process.ts';

export interface PostgresBench extends LedgerBench {
  readonly url: string;
  readonly contentKey: Uint8Array;
}

export async function openPostgresBench(server: PostgresServer): Promise<PostgresBench> {
  const url = await server.database();
  const contentKey = randomBytes(32);
  const opened: Ledger[] = [];
  const open = async (role: 'owner' | 'visitor', quotas?: Quotas): Promise<Ledger> => {
    const ledger = await openPostgres({ url, contentKey, role, ...(quotas && { quotas }) });
    opened.push(ledger);
    return ledger;
  };
  const ledger = await open('owner');
  return {
    url,
    contentKey,
    ledger,
    reopen: async (quotas) => {
      await ledger.close();
      return open('owner', quotas);
    },
    second: () => open('visitor'),
    decideElsewhere: (hold, decision) => inProcess(url, contentKey, { job: 'decide', hold, decision }, 'exit'),
    commitAndDie: (intents) => inProcess(url, contentKey, { job: 'commit', intents }, 'kill'),
    tamper: async (text) => {
      const sql = postgres(url, { max: 1, onnotice: () => undefined });
      await sql.unsafe(text);
      await sql.end();
    },
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}
