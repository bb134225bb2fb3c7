/**
 * Snapshots of running sessions, so that entering one costs no round trip. The writer's answers keep them right; a foreign
 * write voids them all. A session that is not running is never answered from here, so that a resume elsewhere is seen.
 */
import type { SessionKey, Snapshot } from '../domain/session.ts';
import type { Known } from './operations.ts';
import { runtimeAt } from './runtime.ts';
import { sessionIdentity } from './session-identity.ts';

/** More than so many are forgotten together. */
const MOST = 10_000;

export class Snapshots {
  readonly #byId = new Map<string, Known>();
  readonly #ids = new Map<string, string>();

  ofKey(key: SessionKey, at: number): Snapshot | undefined {
    const id = this.#ids.get(sessionIdentity(key));
    return id === undefined ? undefined : this.of(id, at);
  }

  of(id: string, at: number): Snapshot | undefined {
    const known = this.#byId.get(id);
    return known === undefined ? undefined : snapshotOf(known, at);
  }

  learn(known: Known): void {
    const { session } = known;
    if (session.state !== 'running') {
      this.#byId.delete(session.id);
      return;
    }
    if (this.#byId.size >= MOST) this.void();
    if (!this.#byId.has(session.id)) this.#ids.set(sessionIdentity(session), session.id);
    this.#byId.set(session.id, known);
  }

  void(): void {
    this.#byId.clear();
    this.#ids.clear();
  }
}

export const snapshotOf = (known: Known, at: number): Snapshot => ({
  session: known.session,
  used: { ...known.used, runtime: runtimeAt(known, at) },
  labels: known.labels,
  at,
});
