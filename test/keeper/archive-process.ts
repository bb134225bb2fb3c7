/**
 * `node archive-process.ts FILE KEY FOLDER MOMENT`: archives what is due, stops at a moment, says `here`, and waits to be
 * killed.
 */
import type { Ledger } from '../../src/domain/ports.ts';
import { retain } from '../../src/keeper/retain.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { MINUTE, START } from '../contract/ledger-bench.ts';

const DAY = 24 * 60 * MINUTE;

if (import.meta.main) await run();

async function run(): Promise<void> {
  const [file = '', key = '', folder = '', moment = ''] = process.argv.slice(2);
  const ledger = await openSqlite({ file, contentKey: Buffer.from(key, 'hex'), role: 'owner' });
  const stopped = new Proxy(ledger, {
    get: (target, name) => {
      if (name === 'policies' && moment.startsWith('before')) return here;
      if (name === 'archive' && moment.startsWith('between')) return here;
      const member = Reflect.get(target, name) as unknown;
      return typeof member === 'function' ? member.bind(target) : member;
    },
  }) as Ledger;
  const report = (line: string): void => {
    throw new Error(line);
  };
  await retain({ ledger: stopped, retention: { content: DAY, sessions: undefined }, folder, report }, START + DAY);
  await here();
}

/** Until it is killed. */
function here(): Promise<never> {
  process.stdout.write('here\n');
  setInterval(() => undefined, 60_000);
  return new Promise(() => undefined);
}
