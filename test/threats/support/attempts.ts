/**
 * What another user of the machine tries, who knows everything but has no key: run as that user. Prints what came of each attempt,
 * a JSON text `[attempt, outcome]` a line.
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

interface Known {
  readonly folder: string;
  readonly ledger: string;
  readonly socket: string;
  readonly pid: number;
  readonly origin: string;
  readonly hold: string;
  readonly mcpToken: string;
  readonly cookie: string;
  readonly csrf: string;
  readonly passphrase: string;
}

const known = JSON.parse(process.argv[2] ?? '{}') as Known;
const { folder, ledger, socket, pid, origin, hold, passphrase } = known;

const opened = (file: string, flags: string): string => {
  closeSync(openSync(file, flags));
  return 'opened';
};

const approved = async (headers: Readonly<Record<string, string>>, proof = passphrase): Promise<string> => {
  const answer = await fetch(`${origin}/api/holds/${hold}/approve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ passphrase: proof }),
  });
  const { reason } = (await answer.json()) as { readonly reason?: string };
  return `${answer.status} ${reason}`;
};

const connected = (): Promise<string> =>
  new Promise((resolve, reject) => {
    createConnection(socket)
      .on('connect', () => resolve('connected'))
      .on('error', reject);
  });

const ATTEMPTS: Readonly<Record<string, () => string | Promise<string>>> = {
  'read the ledger': () => opened(ledger, 'r'),
  'write the ledger': () => opened(ledger, 'r+'),
  'approve in the ledger': () => {
    const database = new DatabaseSync(ledger);
    return `${database.prepare(`UPDATE hold SET state = 'approved' WHERE id = ?`).run(hold).changes} changed`;
  },
  'put a ledger of its own in its place': () => {
    writeFileSync(join(folder, 'ledger.db-new'), '');
    return 'written';
  },
  'read the token of the API': () => opened(join(folder, 'api-token'), 'r'),
  'read the log': () => opened(join(folder, 'gateway.log'), 'r'),
  'read the keys': () => opened(join(folder, 'keys', 'content'), 'r'),
  'read who may approve': () => opened(join(folder, 'approvers', 'ada.json'), 'r'),
  'enrol itself': () => {
    writeFileSync(join(folder, 'approvers', 'mallory.json'), '{}');
    return 'written';
  },
  'connect to the socket': connected,
  'read the environment of the gateway': () => opened(`/proc/${pid}/environ`, 'r'),
  'read the memory of the gateway': () => opened(`/proc/${pid}/mem`, 'r'),
  'open the debugger of the gateway': () => `${process.kill(pid, 'SIGUSR1')}`,
  'approve without a token': () => approved({}),
  "approve with the agent's token": () => approved({ authorization: `Bearer ${known.mcpToken}` }),
  'approve with a guessed token': () => approved({ authorization: `Bearer ${'A'.repeat(43)}` }),
  'approve with a stolen cookie': () => approved({ cookie: known.cookie, origin }),
  'approve with a stolen cookie, and what its page knows': () =>
    approved({ cookie: known.cookie, origin, 'x-csrf-token': known.csrf }, 'a passphrase that was guessed'),
};

for (const [attempt, make] of Object.entries(ATTEMPTS)) {
  let outcome: string;
  try {
    outcome = await make();
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    outcome = code === undefined || code === 'ERR_SQLITE_ERROR' ? message : code;
  }
  process.stdout.write(`${JSON.stringify([attempt, outcome])}\n`);
}
