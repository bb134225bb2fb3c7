/** Passphrases that come over the API: they open a person's key, a few tries a minute. */
import type { Known, NotProven } from '../../domain/person.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type ApproverBook, type Signer, unlock } from '../approvers.ts';

/** So many wrong ones of a person within so long; then none counts, not even the right one. */
const MOST_WRONG = 5;
const WITHIN = 60_000;

/** A person's key while it is open, and the name that answers bear. */
export interface OpenKey extends Signer {
  readonly name: string;
}

export interface PassphrasesOptions {
  readonly approvers: Pick<ApproverBook, 'keyOf'>;
  readonly now: Now;
  readonly report: (line: string) => void;
}

export class Passphrases {
  readonly #options: PassphrasesOptions;
  /** When each person's wrong ones, and those not judged yet, came. */
  readonly #tries = new Map<string, readonly number[]>();

  constructor(options: PassphrasesOptions) {
    this.#options = options;
  }

  async open(known: Known, passphrase: string): Promise<Result<OpenKey, NotProven>> {
    const file = this.#options.approvers.keyOf(known);
    if (file === undefined) return refuse({ reason: 'no_key' });
    const began = this.begin(known);
    if (!began.ok) return began;
    const opened = await unlock(file, passphrase);
    if (!opened.ok) {
      this.#options.report(`a wrong passphrase came over the API for ${file.name}`);
      return refuse({ reason: 'wrong_passphrase' });
    }
    began.value();
    return ok({ ...opened.value, name: file.name });
  }

  /** Counts a try before it is judged, so that many at once are not more. `ok` holds what takes it back. */
  begin({ issuer, subject }: Pick<Known, 'issuer' | 'subject'>): Result<() => void, NotProven> {
    const at = this.#options.now();
    const who = `${issuer}:${subject}`;
    const recent = (this.#tries.get(who) ?? []).filter((one) => one > at - WITHIN);
    const [first = at] = recent;
    if (recent.length >= MOST_WRONG) return refuse({ reason: 'too_many_tries', after: first + WITHIN - at });
    this.#tries.set(who, [...recent, at]);
    return ok(() => {
      const left = [...(this.#tries.get(who) ?? [])];
      left.splice(left.indexOf(at), 1);
      this.#tries.set(who, left);
    });
  }
}
