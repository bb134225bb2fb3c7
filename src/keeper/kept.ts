/** What the keeper needs of the rest. */
import type { Profile } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';

export interface Kept {
  readonly ledger: Pick<Ledger, 'expireAged' | 'look'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Sessions that have connections or processes here. */
  readonly sessions: () => Iterable<string>;
  /** Closes the connections and processes of a session that may go on later. */
  readonly rest: (session: string) => Promise<void>;
  /** Ends what is here of sessions that are over, and has nothing under way any more. */
  readonly endOver: () => Promise<void>;
  readonly now: Now;
  /** Told why a round was not finished; the next one begins anew. */
  readonly fault: (error: unknown) => void;
}
