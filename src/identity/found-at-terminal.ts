import type { Finding } from '../domain/finding.ts';
import type { Ledger } from '../domain/ports.ts';
import { type Result, refuse } from '../domain/result.ts';
import type { ApproverBook } from './approvers.ts';

/** Settles a call by a finding that came signed, once its signature is that of somebody enrolled. Refuses with a sentence. */
export const foundAtTerminal =
  ({ ledger, approvers }: { ledger: Pick<Ledger, 'instance' | 'unknown' | 'resolve'>; approvers: ApproverBook }) =>
  async (id: string, finding: Finding): Promise<Result<unknown, string>> => {
    const call = await ledger.unknown(id);
    if (call === undefined) return refuse(`No call ${id} waits for a person to find out its outcome.`);
    if (!approvers.foundOut(ledger.instance, call, finding))
      return refuse('This is no word of an enrolled person who may answer for this call.');
    return ledger.resolve(id, finding);
  };
