/** All seats, by server, session and what a legacy server was told of the client's abilities. */
import { type Abilities, NO_ABILITIES } from '../domain/abilities.ts';
import { canonical } from '../domain/json.ts';
import type { Result } from '../domain/result.ts';
import { capabilitiesOf } from '../wire/outgoing.ts';
import type { Era } from '../wire/revisions.ts';
import { Seat } from './seat.ts';

/** What sits there can be asked whether it lives, and be closed. */
interface Closable {
  readonly link: { alive(): boolean };
  close(): Promise<void>;
}

export const seatKey = (server: string, session: string, told: string): string => `${server}\n${session}\n${told}`;

export const sessionIn = (key: string): string => key.split('\n')[1] ?? '';

export const isOfSession = (key: string, session: string): boolean => sessionIn(key) === session;

/** What a connection is told of the client's abilities: '' for nothing. Modern servers learn of them with each request. */
export function toldOf(era: Era | undefined, abilities: Abilities): string {
  if (abilities === NO_ABILITIES || era === 'modern') return '';
  const told = canonical(capabilitiesOf(abilities));
  return told === '{}' ? '' : told;
}

export class Seats<T extends Closable, E> {
  readonly #seats = new Map<string, Seat<T, E>>();
  readonly #left: (server: string, session: string) => void;

  /** `left` is told when the last connection of a session to a server has ended. */
  constructor(left: (server: string, session: string) => void = () => undefined) {
    this.#left = left;
  }

  keys(): Iterable<string> {
    return this.#seats.keys();
  }

  get(key: string): Seat<T, E> | undefined {
    return this.#seats.get(key);
  }

  /** A seat whose connection stands or is being opened; a dead one is cleared away. */
  usable(key: string): Seat<T, E> | undefined {
    const seat = this.#seats.get(key);
    if (seat === undefined || seat.usable) return seat;
    void this.leave(key, seat);
    return undefined;
  }

  /** Any seat of a session that stands ready. */
  readyOf(server: string, session: string): Seat<T, E> | undefined {
    const start = seatKey(server, session, '');
    for (const [key, seat] of this.#seats) if (key.startsWith(start) && seat.ready !== undefined) return seat;
    return undefined;
  }

  /** Whose seats there are. */
  sessions(): ReadonlySet<string> {
    const sessions = new Set([...this.#seats.keys()].map((key) => key.split('\n')[1] ?? ''));
    sessions.delete('');
    return sessions;
  }

  /** A new seat, and its connection begun. */
  open(key: string, opening: (seat: Seat<T, E>) => Promise<Result<T, E>>): Seat<T, E> {
    const seat = new Seat(opening, ({ link }) => link.alive());
    this.#seats.set(key, seat);
    return seat;
  }

  /** Gives what sits there another key. */
  move(from: string, to: string): Seat<T, E> | undefined {
    const seat = this.usable(from);
    if (seat === undefined) return undefined;
    this.#seats.delete(from);
    this.#seats.set(to, seat);
    return seat;
  }

  /** Ends a connection, now or as soon as it stands. Resolves when it has ended. */
  async leave(key: string, seat: Seat<T, E>): Promise<void> {
    seat.stopClock();
    if (this.#seats.get(key) === seat) this.#seats.delete(key);
    const opened = await seat.opening;
    if (opened.ok) await opened.value.close();
    const [server = '', session = ''] = key.split('\n');
    const start = seatKey(server, session, '');
    if (![...this.#seats.keys()].some((other) => other.startsWith(start))) this.#left(server, session);
  }

  /** Ends a session's connections at all servers. Resolves when they are gone. */
  async leaveSession(session: string): Promise<void> {
    const left = [...this.#seats].filter(([key]) => isOfSession(key, session));
    await Promise.all(left.map(([key, seat]) => this.leave(key, seat)));
  }

  /** Nobody finds these seats any more; each connection ends with its last call. */
  leaveAll(server: string): void {
    for (const [key, seat] of this.#seats) {
      if (!key.startsWith(`${server}\n`)) continue;
      this.#seats.delete(key);
      void seat.idle().then(() => this.leave(key, seat));
    }
  }

  stopClocks(): void {
    for (const seat of this.#seats.values()) seat.stopClock();
  }

  /** Resolves when none is being opened any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#seats.values()].map((seat) => seat.opening));
  }
}
