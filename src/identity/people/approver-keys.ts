/**
 * Keys of people who sign in at an issuer. A login may not make an approver: who signs in asks for a key, sealed by a passphrase
 * of its own, and somebody who has one accepts it by passphrase and key id. The first is set at the terminal.
 */
import { hash, randomBytes } from 'node:crypto';
import { GATEWAY_CHAIN } from '../../domain/journal.ts';
import { digestOf } from '../../domain/json.ts';
import type { ApproverKey, ApproverKeys, Known } from '../../domain/person.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import { LOCAL } from '../../domain/principal.ts';
import { ok, refuse } from '../../domain/result.ts';
import { type ApproverBook, type ApproverFile, createApprover, knownOf } from '../approvers.ts';
import type { Passphrases } from './passphrases.ts';

interface Parts {
  readonly approvers: ApproverBook;
  readonly ledger: Pick<Ledger, 'append' | 'instance'>;
  readonly passphrases: Passphrases;
  readonly now: Now;
}

/** Milliseconds that a key waits to be accepted; and so many wait at once, the oldest goes. */
const ACCEPTED_WITHIN = 24 * 60 * 60_000;
const MOST_ASKED = 100;

export function approverKeys({ approvers, ledger, passphrases, now }: Parts): ApproverKeys {
  /** In memory: what nobody has accepted need not outlive the gateway. */
  const asked = new Map<string, { readonly file: ApproverFile; readonly at: number }>();
  const waiting = (): readonly ApproverFile[] => {
    for (const [name, { at }] of asked) if (now() - at >= ACCEPTED_WITHIN) asked.delete(name);
    return [...asked.values()].map(({ file }) => file);
  };
  return {
    list: (by) => [
      ...approvers
        .list()
        .filter((file) => reaches(by, file))
        .map((file) => shown(file, 'enrolled')),
      ...waiting()
        .filter((file) => reaches(by, file))
        .map((file) => shown(file, 'asked')),
    ],
    async ask(known, passphrase) {
      if (known.issuer === LOCAL)
        return refuse({ reason: 'not_now', why: 'At this machine the first key is set by tollgate approve.' });
      if (approvers.keyOf(known) !== undefined) return refuse({ reason: 'not_now', why: 'There is a key already.' });
      const began = passphrases.begin(known);
      if (!began.ok) return began;
      const { issuer, subject } = known;
      const made = await createApprover(fileName(issuer, subject), passphrase, known);
      if (!made.ok) return refuse({ reason: 'not_now', why: made.error });
      const [oldest] = waiting();
      asked.delete(made.value.name);
      if (oldest !== undefined && asked.size >= MOST_ASKED) asked.delete(oldest.name);
      asked.set(made.value.name, { file: made.value, at: now() });
      return ok(shown(made.value, 'asked'));
    },
    async accept({ name, kid, by, passphrase }) {
      const file = waiting().find((one) => one.name === name && one.kid === kid && reaches(by, one));
      if (file === undefined) return refuse({ reason: 'not_now', why: 'No key of this name and kid waits.' });
      const key = await passphrases.open(by, passphrase);
      if (!key.ok) return key;
      const word = { by: key.value.name, at: now(), nonce: randomBytes(16).toString('base64url'), kid: key.value.kid };
      const { of = null } = file;
      const accepted = { name, kid, of };
      const signature = key.value.sign(
        digestOf({ purpose: 'tollgate approver acceptance 1', instance: ledger.instance, ...accepted, word }),
      );
      const added = approvers.add(file);
      if (!added.ok) return refuse({ reason: 'not_now', why: added.error });
      asked.delete(name);
      const body = { ...accepted, accepted: { ...word, signature } };
      await ledger.append({ session: GATEWAY_CHAIN, kind: 'approver', call: undefined, at: word.at, body });
      return ok(shown(file, 'enrolled'));
    },
  };
}

/** People of one tenant do not make approvers of another; whoever runs Tollgate may of any. */
function reaches(by: Known, file: ApproverFile): boolean {
  const { issuer, tenant } = knownOf(file);
  return by.issuer === LOCAL || (by.issuer === issuer && by.tenant === tenant);
}

const shown = (file: ApproverFile, state: ApproverKey['state']): ApproverKey => ({
  name: file.name,
  kid: file.kid,
  ...knownOf(file),
  state,
});

/** Readable, and one for each person: no user of this machine is called so. */
const fileName = (issuer: string, subject: string): string =>
  `${subject.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 40)}-${hash('sha256', `${issuer}\n${subject}`, 'hex').slice(0, 16)}`;
