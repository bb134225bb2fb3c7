import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canonical } from '../../src/domain/json.ts';
import { type Intent, type Ledger, LedgerFault } from '../../src/domain/ports.ts';
import { Unsettled } from '../../src/keeper/unsettled.ts';
import { openLedger } from '../../src/store/open-ledger.ts';
import { enter, START, settlementOf, writeOf } from '../contract/ledger-bench.ts';
import { noPostgres, type PostgresServer, startPostgres, user } from '../support/postgres-server.ts';
import { noSmallDisk, type SmallDisk, smallDisk } from '../support/small-disk.ts';

const contentKey = randomBytes(32);

/** What every home promises on a disk that is full. */
function promises(place: () => { readonly store: string; readonly disk: SmallDisk }): void {
  const open = (): Promise<Ledger> => openLedger({ store: place().store, contentKey, role: 'owner' });

  it('a call is refused in one sentence and leaves nothing; what was under way is told unknown, and all goes on when there is room', async () => {
    const { disk } = place();
    const ledger = await open();
    const id = await enter(ledger);
    const flying = writeOf(id, { canonical: canonical({ flying: true }) });
    await ledger.commit(flying);
    disk.fill();
    const committed = [flying.call];
    let fault: unknown;
    for (let n = 0; fault === undefined && n < 20_000; n++) {
      const intent = big(id, n);
      await ledger.commit(intent).then(
        () => committed.push(intent.call),
        (error: unknown) => {
          fault = error;
        },
      );
    }
    expect(fault).toBeInstanceOf(LedgerFault);
    expect((fault as LedgerFault).message).toMatch(
      /^The ledger .* cannot grow: (the|its) disk is full\. Free some space/,
    );
    const used = (await ledger.look(id, START))?.used['calls'];
    expect(used).toBe(committed.length);
    const outcome = settlementOf(flying, {
      outcome: 'unknown',
      recorded: JSON.stringify({ why: 'x'.repeat(200_000) }),
    });
    await expect(ledger.settle(outcome)).rejects.toThrow('disk is full');
    const late = new Unsettled(ledger);
    late.later(outcome);
    await expect(late.settle()).rejects.toThrow('disk is full');
    disk.free();
    await late.settle();
    expect(await ledger.recorded(flying.call)).toMatchObject({ outcome: { why: expect.stringContaining('xxx') } });
    expect(await ledger.commit(big(id, -1))).toMatchObject({ ok: true });
    const entries = await ledger.journal(id);
    expect(entries.filter(({ kind }) => kind === 'intent').map(({ call }) => call)).toEqual([
      ...committed,
      expect.any(String),
    ]);
    expect(entries.filter(({ kind }) => kind === 'outcome')).toHaveLength(1);
    expect(await ledger.verify()).toEqual([]);
    await ledger.close();
    await late.settle(); // nothing is left to be taken
    const again = await open();
    expect(await again.verify()).toEqual([]);
    expect((await again.look(id, START))?.used['calls']).toBe(committed.length + 1);
    await again.close();
  });
}

const big = (session: string, n: number): Intent =>
  writeOf(session, { canonical: canonical({ n, x: 'x'.repeat(50_000) }) });

describe.skipIf(noSmallDisk !== undefined)(
  noSmallDisk === undefined ? 'a ledger in a file on a full disk:' : `(skipped: ${noSmallDisk})`,
  () => {
    let disk: SmallDisk;
    beforeEach(() => {
      disk = smallDisk(4);
    });
    afterEach(() => disk.remove());
    promises(() => ({ store: join(disk.folder, 'ledger.db'), disk }));
  },
);

const noTablespace = noPostgres ?? noSmallDisk;
describe.skipIf(noTablespace !== undefined)(
  noTablespace === undefined ? 'a ledger in a database on a full disk:' : `(skipped: ${noTablespace})`,
  () => {
    let disk: SmallDisk;
    let server: PostgresServer;
    let store: string;
    beforeEach(async () => {
      disk = smallDisk(32);
      const location = join(disk.folder, 'space');
      mkdirSync(location);
      if (user !== undefined) for (const path of [disk.folder, location]) chownSync(path, user.uid, user.gid);
      server = await startPostgres();
      const url = new URL(await server.database());
      const sql = postgres(url.href, { max: 1 });
      await sql.unsafe(`CREATE TABLESPACE small LOCATION '${location}'`);
      await sql.unsafe('CREATE DATABASE small TABLESPACE small');
      await sql.end();
      url.pathname = '/small';
      store = url.href;
    }, 60_000);
    afterEach(async () => {
      await server.stop();
      disk.remove();
    });
    promises(() => ({ store, disk }));
  },
);
