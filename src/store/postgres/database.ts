/** Brings the database's format up to date and checks that the key is its own. Whichever replica comes first does it. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Sql as Postgres, TransactionSql } from 'postgres';
import { CHAIN_START } from '../../domain/journal.ts';
import { LedgerFault } from '../../domain/ports.ts';
import type { Role } from '../operations.ts';
import { MIGRATIONS } from './schema.ts';

/** "TOLG": one of these at a time in a database. */
const MIGRATING = 0x544f4c47;

/** What every replica must have alike. */
interface Keys {
  readonly contentKey: Uint8Array;
  readonly sealKey: Uint8Array | undefined;
}

/** The ledger's name. Throws `LedgerFault`, or what PostgreSQL throws; changes nothing then. */
export const prepareDatabase = (sql: Postgres, name: string, keys: Keys, role: Role): Promise<string> =>
  sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${MIGRATING})`;
    await bringUpToDate(transaction, name, role);
    return introduce(transaction, name, keys);
  }) as Promise<string>;

async function bringUpToDate(sql: TransactionSql, name: string, role: Role): Promise<void> {
  const [found] = await sql`SELECT to_regclass('ledger_format') IS NOT NULL AS there`;
  const [format] = found?.['there'] === true ? await sql`SELECT format FROM ledger_format` : [];
  const version = Number(format?.['format'] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new LedgerFault(`The ledger ${name} was written by a newer Tollgate. Update this one.`);
  }
  if (version === MIGRATIONS.length) return;
  if (role === 'visitor') {
    const what =
      version === 0
        ? `There is no ledger in ${name} yet. Start`
        : `The ledger ${name} is of an older Tollgate. Restart`;
    throw new LedgerFault(`${what} the gateway first.`);
  }
  if (version === 0) {
    const [other] = await sql`SELECT to_regclass('session') IS NOT NULL AS there`;
    if (other?.['there'] === true) {
      throw new LedgerFault(`The database ${name} belongs to another program. Name another one, or another schema.`);
    }
    await sql`CREATE TABLE ledger_format (one INTEGER PRIMARY KEY CHECK (one = 1), format INTEGER NOT NULL)`;
  }
  for (const migration of MIGRATIONS.slice(version)) await sql.unsafe(migration);
  await sql`INSERT INTO ledger_format VALUES (1, ${MIGRATIONS.length})
    ON CONFLICT (one) DO UPDATE SET format = excluded.format`;
}

/** The ledger's name; a ledger that has none yet gets one and takes this key for its own. */
async function introduce(sql: TransactionSql, name: string, { contentKey, sealKey }: Keys): Promise<string> {
  const check = createHmac('sha256', contentKey).update('tollgate content key check 1').digest();
  const seal = sealKey && createHmac('sha256', sealKey).update('tollgate seal key check 1').digest();
  const [row] = await sql`SELECT instance, key_check, seal_check FROM ledger`;
  if (row === undefined) {
    const instance = `ledger_${randomBytes(16).toString('base64url')}`;
    await sql`INSERT INTO ledger VALUES (1, ${instance}, ${check}, ${seal ?? null}, 0, ${CHAIN_START}, 0)`;
    return instance;
  }
  if (!check.equals(row['key_check'] as Uint8Array)) {
    throw new LedgerFault(
      `The ledger ${name} was written under another content key. Give every replica the key it was made with.`,
    );
  }
  if (seal !== undefined && row['seal_check'] === null) await sql`UPDATE ledger SET seal_check = ${seal}`;
  else if (seal !== undefined && !seal.equals(row['seal_check'] as Uint8Array)) {
    throw new LedgerFault(
      `The other gateways on the ledger ${name} have another seal key. Give every replica the same folder of keys.`,
    );
  }
  return String(row['instance']);
}
