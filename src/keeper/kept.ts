/** What the keeper needs of the rest. */
import type { Profile } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';

export interface Kept {
  readonly ledger: Pick<Ledger, 'expireAged' | 'endedSince' | 'look'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Sessions that have connections or processes here. */
  readonly sessions: () => Iterable<string>;
  /** Closes the connections and processes of a session that may go on later. */
  readonly rest: (session: string) => Promise<void>;
  /** Ends everything that is here of a session that is over. */
  readonly clear: (session: string) => Promise<void>;
  readonly now: Now;
  /** Told why a round was not finished; the next one begins anew. */
  readonly fault: (error: unknown) => void;
}
