/**
 * Moves a ledger from its file into a database. The file is marked first, so that nobody uses it meanwhile; the database then
 * has all of it or nothing; at last the file says where it went. Whatever ends this in between, the same command finishes it, and at
 * no moment do two ledgers go on.
 */
import { LedgerFault } from '../domain/ports.ts';
import { nameOf } from './postgres/connections.ts';
import { fill, stateOf } from './postgres/fill.ts';
import { WholeLedger } from './sqlite/whole-ledger.ts';

/** `to` is a PostgreSQL URL. Rejects with `LedgerFault` and one sentence; the file is the ledger then as it was before. */
export async function moveLedger(file: string, to: string): Promise<void> {
  const source = new WholeLedger(file);
  try {
    const place = nameOf(to);
    const before = source.moved;
    if (before?.isFinished) throw new LedgerFault(`The ledger ${file} was moved to ${before.place} already.`);
    if (before !== undefined && before.place !== place)
      throw new LedgerFault(`The ledger ${file} was being moved to ${before.place}. Finish that first.`);
    const state = await stateOf(to, source.instance);
    if (state === 'other' || (state === 'same' && before === undefined))
      throw new LedgerFault(`The database ${place} is not empty. Name an empty one.`);
    if (before === undefined) source.mark({ place, isFinished: false });
    if (state === 'empty') await filled(source, to);
    source.mark({ place, isFinished: true });
  } finally {
    source.close();
  }
}

/** Where it failed for sure, the file is a ledger again. */
async function filled(source: WholeLedger, to: string): Promise<void> {
  try {
    await fill(to, source);
  } catch (error) {
    const state = await stateOf(to, source.instance).catch(() => undefined);
    if (state === 'empty') source.unmark();
    if (state !== 'same') throw error; // else the connection broke after the commit: it is there, whole
  }
}
