import { GATEWAY_CHAIN } from '../domain/journal.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import type { Result } from '../domain/result.ts';
import type { ApproverBook } from './approvers.ts';

interface Enrolling {
  readonly approvers: ApproverBook;
  readonly ledger: Pick<Ledger, 'append'>;
  readonly now: Now;
}

/** Takes an approver from now on, and says so in the journal. `file` is as a stranger gave it; refuses with a sentence. */
export async function enrol(file: unknown, { approvers, ledger, now }: Enrolling): Promise<Result<unknown, string>> {
  const enrolled = approvers.enrol(file);
  if (!enrolled.ok) return enrolled;
  const { name, kid } = enrolled.value;
  await ledger.append({ session: GATEWAY_CHAIN, kind: 'approver', call: undefined, at: now(), body: { name, kid } });
  return enrolled;
}
