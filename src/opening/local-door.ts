/** What the shims and the terminal of this machine's user find at the socket. */
import type { AcceptanceProof } from '../domain/acceptance.ts';
import type { Profile } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { localCaller } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { admits } from '../domain/who.ts';
import type { ApproverBook } from '../identity/approvers.ts';
import { enrol } from '../identity/enrol.ts';
import { foundAtTerminal } from '../identity/found-at-terminal.ts';
import type { Attendants, Unserved } from '../upstream/socket.ts';

interface LocalDoorOptions {
  readonly live: {
    open(file: string): Promise<Result<Profile, Unserved>>;
    accept(file: string, proof: AcceptanceProof): Promise<Result<unknown, string>>;
  };
  readonly user: string;
  readonly approvers: ApproverBook;
  readonly ledger: Pick<Ledger, 'append' | 'instance' | 'resolve' | 'unknown'>;
  readonly now: Now;
  /** Where the browser of this user comes in. */
  readonly begin: () => string;
}

export const localDoor = ({ live, user, approvers, ledger, now, begin }: LocalDoorOptions): Attendants => ({
  profileOf: async (file) => {
    const opened = await live.open(file);
    return opened.ok ? forLocalAgents(opened.value, user) : opened;
  },
  enrol: (file) => enrol(file, { approvers, ledger, now }),
  accept: (file, proof) => live.accept(file, proof),
  find: foundAtTerminal({ ledger, approvers }),
  open: begin,
});

/** The name of a profile for a shim, which is told at once that every call would be refused. */
function forLocalAgents({ name, who }: Profile, user: string): Result<string, Unserved> {
  if (admits(who, localCaller(user))) return ok(name);
  return refuse({ kind: 'policy', problems: [`policy ${name}: "who" lets in no agent of this machine (local)`] });
}
