/**
 * Snapshots of running sessions, so that entering one costs no round trip. The writer's answers keep them right; a foreign
 * write voids them all. A session that is not running is never answered from here, so that a resume elsewhere is seen.
 */
import type { SessionKey, Snapshot } from '../domain/session.ts';
import type { Stop } from '../domain/stop.ts';
import type { Known } from './operations.ts';
import { runtimeAt } from './runtime.ts';
import { sessionIdentity } from './session-identity.ts';

/** More than so many are forgotten together. */
const MOST = 10_000;

interface Learned {
  readonly known: Known;
  /** Of the monotonic clock, in milliseconds. */
  readonly at: number;
}

export class Snapshots {
  /** How old one may get, in milliseconds: where others can write without our seeing it at once. */
  readonly #mostAge: number;
  readonly #byId = new Map<string, Learned>();
  readonly #ids = new Map<string, string>();
  #standing: Promise<readonly Stop[]> | undefined;

  constructor(mostAge = Number.POSITIVE_INFINITY) {
    this.#mostAge = mostAge;
  }

  ofKey(key: SessionKey, at: number): Snapshot | undefined {
    const id = this.#ids.get(sessionIdentity(key));
    return id === undefined ? undefined : this.of(id, at);
  }

  of(id: string, at: number): Snapshot | undefined {
    const learned = this.#byId.get(id);
    if (learned === undefined || performance.now() - learned.at > this.#mostAge) return undefined;
    return snapshotOf(learned.known, at);
  }

  learn(known: Known): void {
    const { session } = known;
    if (session.state !== 'running') {
      this.forget(session.id);
      return;
    }
    if (this.#byId.size >= MOST) this.void();
    if (!session.named && !this.#byId.has(session.id)) this.#ids.set(sessionIdentity(session), session.id);
    this.#byId.set(session.id, { known, at: performance.now() });
  }

  /** The stops that stand, read where they may have changed. */
  standing(read: () => Promise<readonly Stop[]>): Promise<readonly Stop[]> {
    if (this.#standing !== undefined) return this.#standing;
    const standing = read();
    this.#standing = standing;
    standing.catch(() => {
      if (this.#standing === standing) this.#standing = undefined;
    });
    return standing;
  }

  /** Hears the keys of what changed. */
  hear(changed: readonly string[]): void {
    if (changed.includes('stops')) this.#standing = undefined;
  }

  forget(id: string): void {
    const learned = this.#byId.get(id);
    if (learned === undefined) return;
    this.#byId.delete(id);
    const identity = sessionIdentity(learned.known.session);
    if (this.#ids.get(identity) === id) this.#ids.delete(identity);
  }

  void(): void {
    this.#byId.clear();
    this.#ids.clear();
    this.#standing = undefined;
  }
}

export const snapshotOf = (known: Known, at: number): Snapshot => ({
  session: known.session,
  used: { ...known.used, runtime: runtimeAt(known, at) },
  extended: known.extended,
  labels: known.labels,
  chargedSince: known.chargedSince,
  touchedAt: known.busySince === undefined ? known.touchedAt : at,
  at,
});
