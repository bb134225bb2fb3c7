/** A person who may answer holds, enrolled in a home before its gateway starts. Types no passphrase: the key stays open. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Amounts } from '../../src/domain/budget.ts';
import { type Decision, decisionText, type Hold } from '../../src/domain/hold.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import type { Home } from '../../src/home.ts';
import { createApprover, loadApprovers, type Signer, unlock } from '../../src/identity/approvers.ts';
import { secretKey } from '../../src/identity/keys.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';

const PASSPHRASE = 'correct horse';

export interface Person {
  readonly signer: Signer;
  /** A signed answer to this hold. */
  sign(
    ledger: Pick<Ledger, 'instance'>,
    hold: Hold,
    verdict: Decision['verdict'],
    because?: string,
    extend?: Amounts,
  ): Decision;
}

/** The first, or one more whom somebody enrolled stands for. */
export async function enrolPerson(home: Home, name = 'ada'): Promise<Person> {
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const created = await createApprover(name, PASSPHRASE);
  const book = loadApprovers(home.approvers);
  const isFirst = book.list().length === 0;
  const enrolled = created.ok ? (isFirst ? book.enrol(created.value) : book.add(created.value)) : created;
  if (!enrolled.ok) throw new Error(enrolled.error);
  const signer = await unlock(enrolled.value, PASSPHRASE);
  if (!signer.ok) throw new Error(signer.error);
  return personOf(name, signer.value);
}

const personOf = (by: string, signer: Signer): Person => ({
  signer,
  sign(ledger, hold, verdict, because, extend) {
    const unsigned = {
      verdict,
      by,
      at: Date.now(),
      because,
      ...(extend === undefined ? {} : { extend }),
      nonce: randomBytes(16).toString('base64url'),
      kid: signer.kid,
    };
    return { ...unsigned, signature: signer.sign(decisionText(ledger.instance, hold, unsigned)) };
  },
});

/** The ledger of a running gateway, as a command line opens it. */
export const visit = (home: Home): Promise<Ledger> =>
  openSqlite({ file: home.ledger, contentKey: secretKey(home.keys, 'content'), role: 'visitor' });
