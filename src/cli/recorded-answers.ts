/** The answers to holds in the journal, judged once more against the keys of approvers: a chain that is whole may have been made whole. */
import { z } from 'zod';
import type { Decision } from '../domain/hold.ts';
import type { Entry } from '../domain/journal.ts';
import type { Ledger } from '../domain/ports.ts';
import { printable } from '../domain/printable.ts';
import type { ApproverBook, Worth } from '../identity/approvers.ts';
import { proofShape } from '../identity/passkeys/passkey-file.ts';

export interface JudgedAnswers {
  readonly good: number;
  /** A line each: what was recorded is not what was proven. */
  readonly altered: readonly string[];
  /** A line each: who proved it is not enrolled here, or no more, or it was recorded without proofs. */
  readonly unknown: readonly string[];
}

const answer = z.object({
  hold: z.string(),
  binding: z.string(),
  verdict: z.enum(['approve', 'deny']),
  by: z.string(),
  because: z.string().optional(),
  extend: z.record(z.string(), z.number()).optional(),
  groups: z.array(z.string()).optional(),
  nonce: z.string(),
  proofs: z.array(proofShape).default([]),
});

/** Of every session that the ledger still has a journal of. */
export async function judgeAnswers(
  ledger: Pick<Ledger, 'instance' | 'journal' | 'sessions'>,
  approvers: Pick<ApproverBook, 'witness'>,
  at: number,
): Promise<JudgedAnswers> {
  const judged: { readonly worth: Worth; readonly line: string }[] = [];
  for (const { session } of await ledger.sessions(at)) {
    for (const entry of await ledger.journal(session.id)) {
      if (entry.kind === 'decided')
        judged.push({ worth: worthOf(entry, ledger.instance, approvers), line: lineOf(entry) });
    }
  }
  const lines = (worth: Worth) => judged.filter((one) => one.worth === worth).map(({ line }) => line);
  return {
    good: lines('good').length,
    altered: lines('altered').map((line) => `${line} is not what was proven`),
    unknown: lines('unknown').map((line) => `${line} cannot be checked: nobody enrolled here has what proved it`),
  };
}

function worthOf({ body, at }: Entry, instance: string, approvers: Pick<ApproverBook, 'witness'>): Worth {
  const read = answer.safeParse(body);
  if (!read.success) return 'altered';
  const { hold, binding, ...said } = read.data;
  const decision: Decision = { ...said, because: said.because, at };
  return approvers.witness(instance, { id: hold, binding }, decision);
}

const lineOf = ({ session, seq, body }: Entry): string =>
  printable(`session ${session}: entry ${seq}, the answer of ${String(body['by'])} to ${String(body['hold'])}`);
