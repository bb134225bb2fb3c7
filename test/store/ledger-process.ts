/**
 * A process of its own on a ledger: `node ledger-process.ts STORE KEY JOB`. Says `done` when its promises are kept, or in
 * one line of JSON what came of its job.
 */
import type { Decision } from '../../src/domain/hold.ts';
import { type Intent, LedgerFault } from '../../src/domain/ports.ts';
import { openPostgres } from '../../src/store/postgres/postgres.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { enter, writeOf } from '../contract/ledger-bench.ts';

export type Job =
  | { readonly job: 'decide'; readonly hold: string; readonly decision: Decision }
  /** Commits and then lives on, settling nothing. */
  | { readonly job: 'commit'; readonly intents: readonly Intent[] }
  /** Opens the ledger, enters a session and ends without closing. */
  | { readonly job: 'leave' }
  /** Commits until the store refuses: `{ committed, fault }`. */
  | { readonly job: 'fill' }
  /** Opens the ledger: `{ fault }`. */
  | { readonly job: 'open'; readonly role: 'owner' | 'visitor' };

if (import.meta.main) await run();

async function run(): Promise<void> {
  const [place = '', key = '', text = ''] = process.argv.slice(2);
  const job = JSON.parse(text) as Job;
  const contentKey = Buffer.from(key, 'hex');
  const open = (role: 'owner' | 'visitor') =>
    place.startsWith('postgres:')
      ? openPostgres({ url: place, contentKey, role })
      : openSqlite({ file: place, contentKey, role });
  if (job.job === 'open') return say({ fault: await faultOf(open(job.role)) });
  const ledger = await open(job.job === 'decide' ? 'visitor' : 'owner');
  if (job.job === 'leave') {
    await enter(ledger);
  } else if (job.job === 'decide') {
    const decided = await ledger.decide(job.hold, job.decision);
    if (!decided.ok) throw new Error(decided.error);
    await ledger.close();
  } else if (job.job === 'commit') {
    const answers = await Promise.all(job.intents.map((intent) => ledger.commit(intent)));
    if (!answers.every((answer) => answer.ok)) throw new Error(JSON.stringify(answers));
    setInterval(() => ledger.instance, 60_000); // until it is killed
  } else {
    const session = await enter(ledger);
    const canonical = JSON.stringify({ body: 'x'.repeat(10_000) });
    const committed: string[] = [];
    let fault: string | undefined;
    while (fault === undefined) {
      const intent = writeOf(session, { canonical, digest: `sha256:${committed.length}` });
      fault = await faultOf(ledger.commit(intent));
      if (fault === undefined) committed.push(intent.call);
    }
    return say({ committed, fault });
  }
  process.stdout.write('done\n');
}

/** The sentence of a `LedgerFault`; anything else that goes wrong ends the process. */
async function faultOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof LedgerFault) return error.message;
    throw error;
  }
}

function say(report: unknown): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
