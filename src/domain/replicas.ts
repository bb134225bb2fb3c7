/** Gateways that share one ledger: each is a replica, none is special, and each may be gone at any moment. */

/** A replica's claim to be alive, as the others see it. Once it fell it never stands again: who comes back is another replica. */
export interface Claim {
  readonly replica: string;
  /** False from before the moment on at which others may take this replica for dead. No round trip. */
  holds(): boolean;
}

/** What one replica writes to another. */
export interface Letter {
  readonly from: string;
  readonly text: string;
  /** Whether the sender lived when the letter was fetched. */
  readonly isFromLiving: boolean;
}

/** A call in flight that a living replica makes. */
export interface UnderWay {
  readonly replica: string;
  readonly session: string;
  readonly target: string;
  readonly digest: string;
  /** The journal entry of the intent. */
  readonly entry: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * The other replicas, as one of them sees them. All methods reject with `LedgerFault` when the ledger cannot be used. A
 * replica lives until another one gave it up: its calls in flight were settled then, and its leases are free.
 */
export interface Replicas {
  /** The time that all replicas agree on. Milliseconds since the epoch. */
  now(): number;
  /** Takes a session's connection to a server, which one replica may have at a time. Answers which one has it now. */
  lease(session: string, server: string): Promise<string>;
  /** Gives back what this replica has; without effect on what another has. */
  release(session: string, server: string): Promise<void>;
  /** Leases that this replica has of sessions that are over. */
  leasedButOver(): Promise<readonly { readonly session: string; readonly server: string }[]>;
  living(): Promise<ReadonlySet<string>>;
  underWay(call: string): Promise<UnderWay | undefined>;
  /** The letters of one sender to one replica arrive in the order in which they were posted, each once, or not at all. */
  post(to: string, text: string): Promise<void>;
  /** What came for this replica since it was last asked. */
  letters(): Promise<readonly Letter[]>;
  /** Resolves when there may be letters, or when `signal` aborts. */
  written(signal: AbortSignal): Promise<void>;
}
