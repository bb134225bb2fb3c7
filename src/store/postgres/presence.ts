/**
 * That this gateway is alive, as the other replicas see it: a row that is renewed every few seconds and counts for longer.
 * Others give a replica up by deleting its row once its time has passed. Where it finds that they did, it goes on as
 * another replica: what it had begun before is not its own any more.
 */
import { randomBytes } from 'node:crypto';
import type { Claim } from '../../domain/replicas.ts';
import type { Role } from '../operations.ts';
import type { SqlRow } from '../sql.ts';
import type { Connections } from './connections.ts';
import { DatabaseClock } from './database-clock.ts';
import { DATABASE_TIME } from './statements.ts';

/** Milliseconds, as are all below. */
const RENEW_EVERY = 5_000;
/** How long a row counts after it was renewed, by the clock of the database. */
const GOOD_FOR = 15_000;
/** How long this process relies on it, by its own: what it sends meanwhile still leaves in time. */
const RELIED_ON_FOR = 12_000;
/** How often the database is asked for its time at the start. */
const SAMPLES = 3;

/** What this process goes by. */
export interface Clocks {
  /** Never set, and may stand still while the machine sleeps. */
  readonly ticks: () => number;
  /** Goes on while the machine sleeps, and may be set. */
  readonly wall: () => number;
}

class OwnClaim implements Claim {
  readonly replica = `r_${randomBytes(16).toString('base64url')}`;
  readonly #clocks: Clocks;
  #ticks: number;
  #wall: number;
  #hasFallen = false;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#ticks = clocks.ticks();
    this.#wall = clocks.wall();
  }

  holds(): boolean {
    if (this.#hasFallen) return false;
    return this.#clocks.ticks() - this.#ticks < RELIED_ON_FOR && this.#clocks.wall() - this.#wall < RELIED_ON_FOR;
  }

  /** Counted from before the database was asked. */
  renew(asked: Record<keyof Clocks, number>): void {
    this.#ticks = asked.ticks;
    this.#wall = asked.wall;
  }

  fall(): void {
    this.#hasFallen = true;
  }
}

const LOCAL: Clocks = { ticks: () => performance.now(), wall: () => Date.now() };

export class Presence {
  readonly #connections: Connections;
  readonly #clocks: Clocks;
  readonly #clock: DatabaseClock;
  #claim: OwnClaim;
  #timer: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;

  private constructor(connections: Connections, clocks: Clocks) {
    this.#connections = connections;
    this.#clocks = clocks;
    this.#clock = new DatabaseClock(clocks.ticks);
    this.#claim = new OwnClaim(clocks);
  }

  /** `connections`: of its own, so that no load delays it. An owner is alive from here on; a visitor only learns the time. */
  static async open(connections: Connections, role: Role, clocks: Clocks = LOCAL): Promise<Presence> {
    const presence = new Presence(connections, clocks);
    for (let sample = 0; sample < SAMPLES; sample++) await presence.#ask(`SELECT ${DATABASE_TIME} AS now`);
    if (role === 'visitor') presence.#claim.fall();
    else {
      await presence.#register();
      // Where the database is away this is tried again; calls are refused meanwhile, by the operations that fail.
      presence.#timer = setInterval(() => void presence.renew().catch(() => undefined), RENEW_EVERY).unref();
    }
    return presence;
  }

  readonly now = (): number => this.#clock.now();

  standing(): Claim {
    return this.#claim;
  }

  /** Renews the row; where others gave it up, begins anew as another replica. Rejects where the database cannot be used. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Gives up this replica, so that nobody has to wait for its time to pass. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing?.catch(() => undefined);
    const { replica } = this.#claim;
    this.#claim.fall();
    // What cannot be deleted now lapses by itself.
    await this.#send('DELETE FROM replica WHERE id = $1', replica).catch(() => undefined);
    await this.#connections.end();
  }

  async #renew(): Promise<void> {
    const claim = this.#claim;
    const asked = this.#read();
    const renewed = await this.#ask(
      `UPDATE replica SET until = ${DATABASE_TIME} + ${GOOD_FOR} WHERE id = $1 RETURNING ${DATABASE_TIME} AS now`,
      claim.replica,
    );
    if (renewed) claim.renew(asked);
    else {
      claim.fall();
      await this.#register();
    }
  }

  async #register(): Promise<void> {
    const claim = new OwnClaim(this.#clocks);
    await this.#ask(
      `INSERT INTO replica (id, until) VALUES ($1, ${DATABASE_TIME} + ${GOOD_FOR}) RETURNING ${DATABASE_TIME} AS now`,
      claim.replica,
    );
    this.#claim = claim;
  }

  #read(): Record<keyof Clocks, number> {
    return { ticks: this.#clocks.ticks(), wall: this.#clocks.wall() };
  }

  /** Learns the time on the way. Answers whether there was a row. */
  async #ask(text: string, ...values: readonly string[]): Promise<boolean> {
    const asked = this.#clocks.ticks();
    const row = await this.#send(text, ...values);
    if (row === undefined) return false;
    this.#clock.hear(Number(row['now']), asked, this.#clocks.ticks());
    return true;
  }
  async #send(text: string, ...values: readonly string[]): Promise<SqlRow | undefined> {
    const connection = await this.#connections.take();
    try {
      return (await connection.send(text, values))[0];
    } finally {
      this.#connections.give(connection);
    }
  }
}
