/** What a connection shows its server of our authority, beside what single calls bring. */
import type { Challenge, Credential } from '../../domain/credential.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';

type Had = Result<Credential | undefined, string>;

/** The gateway's own credential for a server, where that is no caller's; refused with a phrase. */
export interface OwnCredential {
  obtain(): Had | Promise<Had>;
  refused(credential: Credential): void;
}

const NONE = refuse('only callers have a credential for it, and none is connected');

/**
 * Of one session at one server. What a call brings goes with that call; handshakes, lists and streams are shown our own
 * credential, or where every caller has its own the last that a call of this session brought.
 */
export class Authority {
  readonly #own: OwnCredential | undefined;
  #latest: Credential | undefined;
  #challenge: Challenge | undefined;
  /** By what was refused, until whoever brought it is told. */
  readonly #untold = new WeakMap<Credential, Challenge>();

  /** `own`: undefined where every caller has its own. */
  constructor(own: OwnCredential | undefined) {
    this.#own = own;
  }

  /** Whether calls must bring theirs. */
  get isOfCallers(): boolean {
    return this.#own === undefined;
  }

  /** How the server refused what it was shown last, where it did. */
  get challenge(): Challenge | undefined {
    return this.#challenge;
  }

  /** How the server refused this one; told once. */
  challengeTo(credential: Credential): Challenge | undefined {
    const challenge = this.#untold.get(credential);
    if (challenge !== undefined) this.#untold.delete(credential);
    return challenge;
  }

  use(credential: Credential): void {
    this.#latest = credential;
    this.#challenge = undefined;
  }

  current(): Had | Promise<Had> {
    if (this.#own !== undefined) return this.#own.obtain();
    return this.#latest === undefined ? NONE : ok(this.#latest);
  }

  refused(credential: Credential, challenge: Challenge): void {
    this.#challenge = challenge;
    this.#untold.set(credential, challenge);
    if (challenge.status === 403) return;
    if (this.#latest === credential) this.#latest = undefined;
    this.#own?.refused(credential);
  }
}
