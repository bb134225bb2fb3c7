import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresBench } from '../store/postgres-bench.ts';
import { noPostgres, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { ledgerContract } from './ledger.ts';

describe.skipIf(noPostgres !== undefined)(
  noPostgres === undefined ? 'for any number of replicas:' : `(skipped: ${noPostgres})`,
  () => {
    let server: PostgresServer | undefined;
    beforeAll(async () => {
      server = await startPostgres();
    }, 60_000);
    afterAll(() => server?.stop());

    ledgerContract('PostgreSQL', () => {
      if (server === undefined) throw new Error('PostgreSQL is started before the tests');
      return openPostgresBench(server);
    });
  },
);
