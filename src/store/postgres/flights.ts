/**
 * Flights: transactions that carry whatever was asked of one session meanwhile. A session has one flight of this process at
 * a time, so that its row is locked once for many calls and replicas do not queue behind each other call by call.
 */
import { LedgerFault } from '../../domain/ports.ts';
import type { LedgerHome } from '../ledger-home.ts';
import type { Ask, Known, OperationName, Operations, Role } from '../operations.ts';
import { mustBeDurable, perform, READS } from '../perform.ts';
import type { Room } from '../room.ts';
import type { Sealing } from '../sealing.ts';
import { sessionIdentity } from '../session-identity.ts';
import { storeOf } from '../tables.ts';
import type { Connection, Connections } from './connections.ts';
import { faultSentence, isCut, isOfDatabase, isPassing } from './faults.ts';
import { canGoAhead, carryOn, goAhead, RememberedSessions } from './remembered.ts';
import { Statements } from './statements.ts';
import { warm } from './warm.ts';

interface Passenger {
  readonly ask: Ask;
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: LedgerFault) => void;
}

/** What a transaction changed, told when it is committed. */
export interface Landed {
  readonly moved: readonly Known[];
  readonly changed: readonly string[];
}

/** How often a transaction is tried that others stood in the way of. */
const TRIES = 8;
/** More than so many are forgotten together. */
const MOST_LINEAGES = 10_000;
/** At most so many operations in one transaction. */
const SEATS = 500;
/** Everybody else must hear of what these change: the rest is judged afresh by every commit. */
const QUIET: ReadonlySet<OperationName> = new Set<OperationName>([
  ...READS,
  'commit',
  'settle',
  'append',
  'ask',
  'enter',
  'addEvent',
  'report',
  'lease',
  'release',
  'post',
  'clear',
]);

export interface FlightOptions {
  readonly connections: Connections;
  /** Of the database, for people: without its password. */
  readonly name: string;
  readonly role: Role;
  readonly sealing: Sealing;
  readonly room: Room;
  /** Called before the promises of what it tells resolve. */
  readonly landed: (landed: Landed) => void;
  /** Called when nothing more will be told. */
  readonly closing: () => Promise<void>;
  /** The statement that tells other processes, in the same transaction. */
  readonly notice: (landed: Landed) => { readonly text: string; readonly payload: string } | undefined;
}

export class Flights implements LedgerHome {
  readonly #options: FlightOptions;
  readonly #waiting = new Map<string, Passenger[]>();
  readonly #flying = new Set<Promise<void>>();
  readonly #lineages = new Map<string, string>();
  readonly #remembered = new RememberedSessions();
  #closed = false;

  constructor(options: FlightOptions) {
    this.#options = options;
  }

  ask<Name extends OperationName>(name: Name, ask: Operations[Name]['ask']): Promise<Operations[Name]['answer']> {
    if (this.#closed) return Promise.reject(new LedgerFault('The ledger is closed.'));
    return new Promise<unknown>((resolve, reject) => {
      this.#board({ ask: [name, ask] as Ask, resolve, reject });
    }) as Promise<Operations[Name]['answer']>;
  }

  /** Throws when nobody would hear of a change any more. */
  watch(): void {
    if (this.#closed) throw new LedgerFault('The ledger is closed.');
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#flying.size > 0) await Promise.all(this.#flying);
    await this.#options.closing();
    await this.#options.connections.end();
  }

  #board(passenger: Passenger): void {
    const lane = laneOf(passenger.ask);
    const waiting = this.#waiting.get(lane);
    if (waiting !== undefined) {
      waiting.push(passenger);
      return;
    }
    this.#waiting.set(lane, [passenger]);
    // What is asked in the same turn of the event loop goes along.
    const flown = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#flyAll(lane));
    this.#flying.add(flown);
    void flown.then(() => this.#flying.delete(flown));
  }

  async #flyAll(lane: string): Promise<void> {
    for (let waiting = this.#waiting.get(lane) ?? []; waiting.length > 0; ) {
      await this.#fly(waiting.splice(0, SEATS));
    }
    this.#waiting.delete(lane);
  }

  /** In one transaction; where one operation fails, each in its own, so that it harms only itself. */
  async #fly(passengers: readonly Passenger[]): Promise<void> {
    const flown = await this.#attempt(passengers.map(({ ask }) => ask));
    if (flown.ok) {
      for (const [index, { resolve }] of passengers.entries()) resolve(flown.answers[index]);
      return;
    }
    if (passengers.length > 1 && !isOfDatabase(flown.error)) {
      for (const passenger of passengers) await this.#fly([passenger]);
      return;
    }
    const fault = new LedgerFault(faultSentence(this.#options.name, flown.error));
    for (const { reject } of passengers) reject(fault);
  }

  async #attempt(asks: readonly Ask[]): Promise<Attempt> {
    for (let tries = 1; ; tries++) {
      const attempt = await this.#once(asks);
      if (attempt.ok || tries === TRIES || !attempt.again) return attempt;
    }
  }

  async #once(asks: readonly Ask[]): Promise<Attempt> {
    const { connections, role, sealing, room, landed, notice } = this.#options;
    let connection: Connection;
    try {
      connection = await connections.take();
    } catch (error) {
      return { ok: false, error, again: false };
    }
    const statements = new Statements(connection, { reading: asks.every(([name]) => READS.has(name)) });
    try {
      const store = storeOf(statements, role, sealing, room);
      const remembered = this.#remembered.take(asks);
      if (remembered !== undefined && canGoAhead(remembered, asks)) goAhead(remembered, store, statements);
      else {
        await warm(asks, store, statements, this.#lineages);
        if (remembered !== undefined) await carryOn(remembered, store);
      }
      const durable = asks.some((ask) => mustBeDurable(ask, store));
      const answers: unknown[] = [];
      for (const ask of asks) answers.push(await perform(ask, store));
      const news = { moved: await store.sessions.flush(), changed: [...store.changed] };
      const loud = asks.some(([name]) => !QUIET.has(name));
      const told = notice(loud ? news : { ...news, moved: [] });
      if (told !== undefined) statements.run(told.text, told.payload);
      const keep = this.#remembered.keep(asks, store, statements);
      await statements.commit({ durable });
      await keep();
      this.#learn(news.moved);
      landed(news);
      return { ok: true, answers };
    } catch (error) {
      const failure = await statements.rollback();
      const fault = failure ?? error;
      const again = isPassing(fault) || (isCut(fault) && !statements.mayBeTrue);
      return { ok: false, error: fault, again };
    } finally {
      connections.give(connection);
    }
  }

  #learn(moved: readonly Known[]): void {
    if (this.#lineages.size > MOST_LINEAGES) this.#lineages.clear();
    for (const { session } of moved) this.#lineages.set(session.id, session.lineage);
  }
}

type Attempt =
  | { readonly ok: true; readonly answers: readonly unknown[] }
  /** `again`: nothing was committed, and the same may well succeed when it is tried once more. */
  | { readonly ok: false; readonly error: unknown; readonly again: boolean };

/** What travels together. Locks keep it right; lanes make it fast. */
function laneOf([name, ask]: Ask): string {
  switch (name) {
    case 'commit':
    case 'settle':
    case 'look':
    case 'describe':
    case 'change':
    case 'place':
    case 'addEvent':
    case 'report':
    case 'events':
    case 'calls':
    case 'madeCall':
    case 'holdsOf':
    case 'journal':
    case 'passages':
    case 'archivable':
    case 'archive':
    case 'remove':
      return ask.session;
    case 'append':
    case 'ask':
      return ask.draft.session;
    case 'unmet':
      return ask.call.session;
    case 'enter':
    case 'find':
      return sessionIdentity(ask.key);
    default:
      return name;
  }
}
