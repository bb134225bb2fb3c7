/** Our side of the tool servers: one connection for each session and server, opened when first needed, closed when idle. */
import { type Abilities, canBeAsked } from '../domain/abilities.ts';
import type { Definition } from '../domain/contract.ts';
import type { Credential } from '../domain/credential.ts';
import type { ListKind, Offers, Unavailable, Via } from '../domain/downstream.ts';
import type { Connection } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';
import { type Servers, SHARED } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { Authorities } from './authorities.ts';
import { barredBy } from './barred-by.ts';
import { connectionOf } from './connection.ts';
import { KnownServers } from './known-servers.ts';
import type { Channel } from './links/channel.ts';
import type { Link } from './links/link.ts';
import { Pools } from './links/pools.ts';
import { hearUnasked } from './links/unasked.ts';
import { type ResourceList, ResourceLists } from './lists/list-resources.ts';
import { PinnedLists } from './lists/pinned-lists.ts';
import { Watches } from './lists/watches.ts';
import { type LinkWanted, type Opened, type OpeningParts, openLink } from './open-link.ts';
import { needsRoom } from './rooms.ts';
import type { Seat } from './seat.ts';
import { isOfSession, Seats, seatKey, sessionIn } from './seats.ts';
import type { DownstreamOptions, ServerPool } from './server-pool.ts';
import { type Footing, type Place, Subscriptions } from './subscriptions.ts';

/** A session's connection is closed after so many milliseconds without a call. */
const IDLE = 10 * 60_000;
/** A process that was started to list its tools waits so long for a session that takes it over. */
const SPARE = 5_000;
/** The session of connections that only list tools. */
const NOBODY = '';

interface Seated extends Pick<Opened, 'link' | 'source'> {
  readonly connection: Result<Connection, Unavailable>;
  close(): Promise<void>;
}
type Had<T> = Promise<Result<T, Unavailable>>;
type ServerSeat = Seat<Seated, Unavailable>;

export const openDownstream = (options: DownstreamOptions): ServerPool => new Connections(options);

class Connections implements ServerPool {
  readonly #options: DownstreamOptions;
  readonly #lists: PinnedLists;
  readonly #pools: Pools;
  readonly #opening: OpeningParts;
  readonly #servers: KnownServers;
  readonly #watches: Watches;
  readonly #seats: Seats<Seated, Unavailable>;
  readonly #channels = new Set<Pick<Channel, 'close'>>();
  readonly #subscriptions: Subscriptions;
  readonly #authorities: Authorities;
  readonly #resources: ResourceLists;
  /** Whose a seat is by now: a process that only listed its tools finds its session later. */
  readonly #places = new WeakMap<ServerSeat, Place>();
  #closing = false;

  constructor(options: DownstreamOptions) {
    this.#options = options;
    this.#pools = new Pools(options.connectTo);
    this.#seats = new Seats((server, session) => {
      this.#authorities.forget(server, session);
      if (session !== NOBODY) options.left?.(session, server);
    });
    const log = (server: string, text: string): void => options.log({ server, text });
    this.#servers = new KnownServers(options.askable);
    this.#authorities = new Authorities(this.#servers, options.own);
    const accepted = options.accepted ?? (() => []);
    const hasPrompts = (server: string): boolean => this.#servers.mayHave(server, 'prompts');
    this.#lists = new PinnedLists({ hasPrompts, accepted, log });
    this.#resources = new ResourceLists({ mayHave: (...of) => this.#servers.mayHave(...of), accepted, log });
    this.#watches = new Watches(this.#lists, options.now);
    this.#subscriptions = new Subscriptions(options);
    const { rooms, mark, readSecret } = options;
    this.#opening = {
      servers: this.#servers,
      lists: this.#lists,
      watches: this.#watches,
      pools: this.#pools,
      rooms,
      mark,
      readSecret,
      log,
    };
    this.add(options.servers);
  }

  add(servers: Servers): void {
    this.#servers.add(servers);
  }

  remove(servers: Iterable<string>): void {
    for (const server of servers) {
      this.#subscriptions.end((place) => place.server === server);
      this.#seats.leaveAll(server);
      this.#servers.remove(server);
      this.#lists.forget(server);
      this.#resources.forget(server);
    }
  }

  sessions(): ReadonlySet<string> {
    const keys = [...this.#seats.keys(), ...this.#subscriptions.keys()];
    return new Set(keys.map(sessionIn).filter((session) => session !== NOBODY && session !== SHARED));
  }

  leave(session: string): Promise<void> {
    this.#subscriptions.end(({ key }) => isOfSession(key, session));
    return this.#seats.leaveSession(session);
  }

  keepsState(server: string): boolean {
    return this.#servers.keepsState(server);
  }

  replace(servers: Servers): void {
    this.remove(servers.keys());
    this.add(servers);
  }

  tell(servers: Iterable<string>, lists: readonly ListKind[]): void {
    for (const server of servers) for (const list of lists) this.#watches.tell(server, list);
  }

  needsVia(server: string, kind: Definition['kind']): boolean {
    return this.#servers.isOfCallers(server) && this.#lists[kind].certain(server) === undefined;
  }

  async definitions(server: string, kind: Definition['kind'], via?: Via): Had<readonly Definition[]> {
    const catalog = this.#lists[kind];
    await catalog.rereading(server);
    const pinned = catalog.certain(server);
    if (pinned !== undefined) return ok(pinned);
    if (via === undefined && this.#servers.isOfCallers(server)) return catalog.lastKnown(server);
    const { session, abilities } = via ?? { session: NOBODY, abilities: this.#servers.askable(server) };
    const opened = await this.#seat(server, session, abilities, via?.credential).opening;
    if (!opened.ok) return opened;
    const read = await catalog.reread(server, opened.value.source);
    const certain = catalog.certain(server);
    if (certain !== undefined) return ok(certain);
    const why = read.ok ? `its list of ${kind}s keeps changing` : read.error;
    return refuse({ server, why, challenge: this.#authorities.of(server, session)?.challenge });
  }

  changed({ server, kind, name, pin }: Definition): boolean {
    const catalog = this.#lists[kind];
    return catalog.differs(server, name, pin) && !(this.#servers.isOfCallers(server) && !catalog.lastKnown(server).ok);
  }

  present(server: string, kind: Definition['kind']): readonly Definition[] {
    return this.#lists[kind].present(server);
  }

  async resources(
    server: string,
    list: ResourceList,
    session: string | undefined,
  ): Promise<Result<readonly JsonObject[], Unavailable>> {
    const own = session === undefined ? undefined : this.#seats.readyOf(server, session);
    if (own === undefined && this.#servers.isOfCallers(server)) return ok([]);
    const seat = own ?? this.#seat(server, NOBODY, this.#servers.askable(server));
    const opened = await seat.opening;
    if (!opened.ok) return opened;
    const listed = await seat.during(this.#resources.read(server, list, opened.value.link));
    return listed.ok ? listed : refuse({ server, why: listed.error });
  }

  offers(server: string): Offers | undefined {
    return this.#servers.offers(server);
  }

  async connect(server: string, session: string, abilities: Abilities, credential?: Credential): Had<Connection> {
    const seat = this.#seats.get(this.#keyOf(server, session, abilities));
    const ready = seat?.ready;
    if (ready !== undefined && this.#lists.tool.certain(server) !== undefined) {
      seat?.touch();
      return ready.connection;
    }
    const via = this.#servers.isOfCallers(server) ? { session, abilities, credential } : undefined;
    const listed = await this.definitions(server, 'tool', via);
    if (!listed.ok) return listed;
    const opened = await this.#seat(server, session, abilities, credential).opening;
    return opened.ok ? opened.value.connection : opened;
  }

  onListChanged(listener: (server: string, list: ListKind) => void): () => void {
    return this.#watches.onListChanged(listener);
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#seats.stopClocks();
    const closed = [...this.#channels].map((channel) => channel.close());
    this.#subscriptions.end(() => true);
    await Promise.all(closed);
    await this.#seats.settled();
    await this.#pools.close();
  }

  /** The seat of a session at a server: its own, or the one of a process that only listed its tools, or a new one. */
  #seat(server: string, session: string, abilities: Abilities, credential?: Credential): ServerSeat {
    const key = this.#keyOf(server, session, abilities);
    const own = this.#seats.usable(key);
    if (credential !== undefined) this.#authorities.of(server, session)?.use(credential);
    if (own !== undefined) return own;
    const address = this.#servers.addressOf(server);
    const isStdio = address?.kind === 'stdio';
    // A process that was told of abilities is of no use: who has none shall not be asked, others were asked in vain already.
    const fits =
      key === seatKey(server, session, '') && this.#servers.told(server, this.#servers.askable(server)) === '';
    const spare =
      isStdio && session !== NOBODY && fits && !needsRoom(address)
        ? this.#seats.move(seatKey(server, NOBODY, ''), key)
        : undefined;
    const seat = spare ?? this.#seats.open(key, (opening) => this.#open(server, session, abilities, key, opening));
    this.#places.set(seat, { server, key, open: () => this.#footing(server, session, abilities) });
    // The nameless connection to an HTTP server costs no process, and hears of changes for as long as we run.
    if (isStdio || session !== NOBODY) {
      const idle = this.#options.idle?.() ?? IDLE;
      seat.expireAfter(session === NOBODY ? SPARE : idle, () => this.#seats.leave(key, seat));
    }
    return seat;
  }

  async #footing(server: string, session: string, abilities: Abilities): Promise<Result<Footing, Unavailable>> {
    const seat = this.#seat(server, session, abilities);
    const opened = await seat.opening;
    return opened.ok ? ok({ link: opened.value.link, during: (held) => seat.during(held) }) : opened;
  }

  /** A legacy server has one connection for each set of abilities. */
  #keyOf(server: string, session: string, abilities: Abilities): string {
    return seatKey(server, session, session === NOBODY ? '' : this.#servers.told(server, abilities));
  }

  async #open(
    server: string,
    session: string,
    abilities: Abilities,
    key: string,
    seat: ServerSeat,
  ): Promise<Result<Seated, Unavailable>> {
    const channels: Pick<Channel, 'close'>[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(channels.map((channel) => channel.close()));
      for (const channel of channels) this.#channels.delete(channel);
    };
    const authority = this.#authorities.of(server, session);
    const opened = await this.#link({ server, session, abilities, authority }, (channel) => {
      channels.push(channel);
      this.#channels.add(channel);
    });
    if (opened.ok && !this.#closing) {
      this.#servers.doubt(server, false);
      const { link, source, level } = opened.value;
      // The lists of a modern server are the same on every connection: one that runs for good hears of them.
      if (link.transport === 'stdio' || link.era === 'legacy' || session === NOBODY || authority?.isOfCallers)
        void this.#watch(server, key, seat, link);
      if (session !== NOBODY && (canBeAsked(abilities) || level !== undefined))
        await hearUnasked(link, this.#options.now);
      const connection = connectionOf({
        server,
        link,
        level,
        authority,
        lists: this.#lists,
        now: this.#options.now,
        during: (exchanging) => seat.during(exchanging),
        subscribe: (exchange) => this.#subscriptions.subscribe(this.#places.get(seat), link, exchange),
      });
      return ok({ link, source, connection: ok(connection), close });
    }
    // What was agreed may be why it failed: the next try finds out anew.
    this.#servers.doubt(server, true);
    await close();
    const why = opened.ok ? 'the gateway is closing' : opened.error;
    // Who lists tools at the start is told, and tells. A call's caller is not: the operator has to hear of it here.
    if (session !== NOBODY) this.#options.log({ server, text: `unavailable: ${why}` });
    return refuse({ server, why, challenge: authority?.challenge });
  }

  async #link(
    { server, session, ...wanted }: Omit<LinkWanted, 'session' | 'opened'> & { readonly session: string },
    opened: LinkWanted['opened'],
  ): Promise<Result<Opened, string>> {
    if (this.#closing) return refuse('the gateway is closing');
    if (session === NOBODY) return openLink({ ...wanted, server, session: undefined, opened }, this.#opening);
    const bar = await barredBy(this.#options, server, session);
    return bar === undefined ? openLink({ ...wanted, server, session, opened }, this.#opening) : refuse(bar);
  }

  async #watch(server: string, key: string, seat: ServerSeat, link: Link): Promise<void> {
    const isNameless = link.transport === 'http' && key === seatKey(server, NOBODY, '');
    // What the server speaks may have changed: the next who needs the connection finds out.
    if ((await this.#watches.follow(server, link)) && isNameless) void this.#seats.leave(key, seat);
  }
}
