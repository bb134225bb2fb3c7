/** What people proved, as the journal has it, judged once more against their keys: a chain that is whole may have been made whole. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { acceptanceText } from '../domain/acceptance.ts';
import { findingText } from '../domain/finding.ts';
import { decisionText } from '../domain/hold.ts';
import { type Entry, type EntryKind, GATEWAY_CHAIN } from '../domain/journal.ts';
import type { Ledger } from '../domain/ports.ts';
import { printable } from '../domain/printable.ts';
import type { Proof } from '../domain/proof.ts';
import type { ApproverBook, Worth } from '../identity/approvers.ts';
import { proofShape } from '../identity/passkeys/passkey-file.ts';

export interface JudgedWords {
  readonly good: number;
  /** A line each: what was recorded is not what was proven. */
  readonly altered: readonly string[];
  /** A line each: who proved it is not enrolled here, or no more, or it was recorded without proofs. */
  readonly unknown: readonly string[];
}

/** Of every session that the ledger still has a journal of, and of the gateway itself. */
export async function judgeWords(
  ledger: Pick<Ledger, 'instance' | 'journal' | 'sessions'>,
  approvers: Pick<ApproverBook, 'witness'>,
  at: number,
): Promise<JudgedWords> {
  const chains = [...(await ledger.sessions(at)).map(({ session }) => session.id), GATEWAY_CHAIN];
  const judged: { readonly worth: Worth; readonly line: string }[] = [];
  for (const chain of chains) {
    for (const entry of await ledger.journal(chain)) {
      const kind = KINDS[entry.kind];
      if (kind === undefined || !kind.isProven(entry)) continue;
      const word = kind.read(entry, ledger.instance);
      const worth = word === undefined ? 'altered' : approvers.witness(word.by, word.proofs, word.text);
      judged.push({ worth, line: printable(`${placeOf(entry)}, ${kind.words(entry)}`) });
    }
  }
  const lines = (worth: Worth) => judged.filter((one) => one.worth === worth).map(({ line }) => line);
  return {
    good: lines('good').length,
    altered: lines('altered').map((line) => `${line} is not what was proven`),
    unknown: lines('unknown').map((line) => `${line} cannot be checked: nobody enrolled here has what proved it`),
  };
}

const placeOf = ({ session, seq }: Entry): string =>
  `${session === GATEWAY_CHAIN ? 'gateway' : `session ${session}`}: entry ${seq}`;

/** Who proved what. */
interface Word {
  readonly by: string;
  readonly proofs: readonly Proof[];
  readonly text: string;
}

interface Kind {
  /** Whether an entry of this kind has to have a proof. */
  isProven(entry: Entry): boolean;
  /** Undefined where the entry is none that Tollgate writes. */
  read(entry: Entry, instance: string): Word | undefined;
  words(entry: Entry): string;
}

const text = z.string();
const signed = { by: text, at: z.number(), nonce: text, kid: text, signature: text };
const byPassphrase = ({ kid, signature }: { readonly kid: string; readonly signature: string }): readonly Proof[] => [
  { kind: 'passphrase', kid, signature },
];

const answer = z.object({
  hold: text,
  binding: text,
  verdict: z.enum(['approve', 'deny']),
  by: text,
  because: text.optional(),
  extend: z.record(text, z.number()).optional(),
  groups: z.array(text).optional(),
  nonce: text,
  proofs: z.array(proofShape).default([]),
});
const finding = z.object({
  ...signed,
  target: text,
  digest: text,
  outcome: z.enum(['executed', 'not_executed']),
  why: text,
});
const acceptance = z.object({ ...signed, profile: text, digest: text, replaces: text.optional() });

const KINDS: Readonly<Partial<Record<EntryKind, Kind>>> = {
  decided: {
    isProven: () => true,
    read: ({ body, at }, instance) => {
      const read = answer.safeParse(body);
      if (!read.success) return undefined;
      const { hold, binding, proofs, ...said } = read.data;
      const decision = { ...said, because: said.because, at };
      return { by: said.by, proofs, text: decisionText(instance, { id: hold, binding }, decision) };
    },
    words: ({ body }) => `the answer of ${String(body['by'])} to ${String(body['hold'])}`,
  },
  found: {
    isProven: () => true,
    read: ({ body, call, session }, instance) => {
      const read = finding.safeParse(body);
      if (!read.success || call === undefined) return undefined;
      const { target, digest, ...said } = read.data;
      const of = { id: call, session, target, digest };
      return { by: said.by, proofs: byPassphrase(said), text: findingText(instance, of, said) };
    },
    words: ({ body, call }) => `what ${String(body['by'])} found out about ${String(call)}`,
  },
  accepted: {
    // What is plainly narrower, and the first of a profile, is taken without anybody's word.
    isProven: ({ body }) => 'by' in body || !isDeepStrictEqual(body['widenings'], []),
    read: ({ body }, instance) => {
      const read = acceptance.safeParse(body);
      if (!read.success) return undefined;
      const { profile, digest, ...said } = read.data;
      const proof = { ...said, replaces: said.replaces };
      return { by: said.by, proofs: byPassphrase(said), text: acceptanceText(instance, { profile, digest }, proof) };
    },
    words: ({ body }) => `the acceptance of ${String(body['profile'])} by ${String(body['by'])}`,
  },
};
