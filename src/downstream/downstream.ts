/** Our side of the tool servers: one connection for each session and server, opened when first needed, closed when idle. */
import type { Definition } from '../domain/contract.ts';
import type { Connection, Exchange } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { ServerAddress, Servers } from '../domain/policy.ts';
import type { Downstream, ListKind, Now, Unavailable } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { Catalog } from './catalog.ts';
import type { Channel } from './channel.ts';
import type { Agreed } from './era.ts';
import { openHttpLink } from './http-link.ts';
import type { Link, LinkOptions } from './link.ts';
import { makeCall } from './make-call.ts';
import { Pools } from './pools.ts';
import { Seat } from './seat.ts';
import { openStdioLink } from './stdio-link.ts';
import { type Footing, type Place, Subscriptions } from './subscriptions.ts';
import { Watches } from './watches.ts';

export interface DownstreamOptions {
  readonly servers: Servers;
  readonly now: Now;
  /** What servers write to stderr, and what is noticed about them. Free text of theirs: for the operator, never for agents. */
  log(line: { readonly server: string; readonly text: string }): void;
}

/** A session's connection is closed after so many milliseconds without a call. */
const IDLE = 10 * 60_000;
/** A process that was started to list its tools waits so long for a session that takes it over. */
const SPARE = 5_000;
/** The session of connections that only list tools. */
const NOBODY = '';
/** HeaderMismatch: the tool's schema may have changed (basic/transports/streamable-http.mdx). */
const HEADER_MISMATCH = -32020;
interface Seated {
  readonly link: Link;
  readonly connection: Result<Connection, Unavailable>;
  close(): Promise<void>;
}
type ServerSeat = Seat<Seated, Unavailable>;

/** Servers come and go with the policies that name them. */
export interface ServerPool extends Downstream {
  /** Takes further servers; a name that is known keeps its address, and must come with the same one. */
  add(servers: Servers): void;
  /** Forgets servers: their connections end, and their names are free for other addresses. */
  remove(servers: Iterable<string>): void;
}

export const openDownstream = (options: DownstreamOptions): ServerPool => new Connections(options);

class Connections implements ServerPool {
  readonly #options: DownstreamOptions;
  readonly #catalog: Catalog;
  readonly #pools = new Pools();
  readonly #servers = new Map<string, ServerAddress>();
  readonly #agreed = new Map<string, Agreed>();
  readonly #watches: Watches;
  readonly #seats = new Map<string, ServerSeat>();
  readonly #channels = new Set<Pick<Channel, 'close'>>();
  readonly #subscriptions: Subscriptions;
  readonly #places = new WeakMap<ServerSeat, Place>();
  #closing = false;

  constructor(options: DownstreamOptions) {
    this.#options = options;
    this.#catalog = new Catalog((server, text) => options.log({ server, text }));
    this.#watches = new Watches(this.#catalog, options.now);
    this.#subscriptions = new Subscriptions(options);
    this.add(options.servers);
  }

  add(servers: Servers): void {
    for (const [name, address] of servers) {
      const known = this.#servers.get(name);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(address)) {
        throw new Error(`the server ${name} is defined twice, with two addresses`);
      }
      this.#servers.set(name, address);
    }
  }

  remove(servers: Iterable<string>): void {
    for (const server of servers) {
      this.#subscriptions.end(server);
      for (const [key, seat] of this.#seats) if (key.startsWith(keyOf(server, NOBODY))) this.#leave(key, seat);
      this.#servers.delete(server);
      this.#agreed.delete(server);
      this.#catalog.forget(server);
    }
  }

  async definitions(server: string): Promise<Result<readonly Definition[], Unavailable>> {
    await this.#catalog.rereading(server);
    const pinned = this.#catalog.certain(server);
    if (pinned !== undefined) return ok(pinned);
    const opened = await this.#seat(server, NOBODY).opening;
    if (!opened.ok) return opened;
    const read = await this.#catalog.reread(server, opened.value.link);
    const certain = this.#catalog.certain(server);
    if (certain !== undefined) return ok(certain);
    return refuse({ server, why: read.ok ? 'its list of tools keeps changing' : read.error });
  }

  changed(definition: Definition): boolean {
    return this.#catalog.changed(definition);
  }

  async connect(server: string, session: string): Promise<Result<Connection, Unavailable>> {
    const seat = this.#seats.get(keyOf(server, session));
    const ready = seat?.ready;
    if (ready !== undefined && this.#catalog.certain(server) !== undefined) {
      seat?.touch();
      return ready.connection;
    }
    const listed = await this.definitions(server);
    if (!listed.ok) return listed;
    const opened = await this.#seat(server, session).opening;
    return opened.ok ? opened.value.connection : opened;
  }

  onListChanged(listener: (server: string, list: ListKind) => void): () => void {
    return this.#watches.onListChanged(listener);
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const seat of this.#seats.values()) seat.stopClock();
    const closed = [...this.#channels].map((channel) => channel.close());
    this.#subscriptions.end(undefined);
    await Promise.all(closed);
    await Promise.all([...this.#seats.values()].map((seat) => seat.opening));
    await this.#pools.close();
  }

  /** The seat of a session at a server: its own, or the one of a process that only listed its tools, or a new one. */
  #seat(server: string, session: string): ServerSeat {
    const key = keyOf(server, session);
    const own = this.#usable(key);
    if (own !== undefined) return own;
    const isStdio = this.#servers.get(server)?.kind === 'stdio';
    const spareKey = keyOf(server, NOBODY);
    const spare = isStdio && session !== NOBODY ? this.#usable(spareKey) : undefined;
    if (spare !== undefined) this.#seats.delete(spareKey);
    const seat = spare ?? this.#newSeat(server, session);
    this.#seats.set(key, seat);
    this.#places.set(seat, { server, key, open: () => this.#footing(server, session) });
    // The nameless connection to an HTTP server costs no process, and hears of changes for as long as we run.
    if (isStdio || session !== NOBODY) {
      seat.expireAfter(session === NOBODY ? SPARE : IDLE, () => this.#leave(key, seat));
    }
    return seat;
  }

  async #footing(server: string, session: string): Promise<Result<Footing, Unavailable>> {
    const seat = this.#seat(server, session);
    const opened = await seat.opening;
    return opened.ok ? ok({ link: opened.value.link, during: (work) => seat.during(work) }) : opened;
  }

  #newSeat(server: string, session: string): ServerSeat {
    return new Seat(
      (seat) => this.#open(server, session, seat),
      ({ link }) => link.alive(),
    );
  }

  /** A seat whose connection stands or is being opened; a dead one is cleared away. */
  #usable(key: string): ServerSeat | undefined {
    const seat = this.#seats.get(key);
    if (seat === undefined || seat.usable) return seat;
    this.#leave(key, seat);
    return undefined;
  }

  #leave(key: string, seat: ServerSeat): void {
    seat.stopClock();
    if (this.#seats.get(key) === seat) this.#seats.delete(key);
    void seat.opening.then((opened) => (opened.ok ? opened.value.close() : undefined));
  }

  async #open(server: string, session: string, seat: ServerSeat): Promise<Result<Seated, Unavailable>> {
    const channels: Pick<Channel, 'close'>[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(channels.map((channel) => channel.close()));
      for (const channel of channels) this.#channels.delete(channel);
    };
    const link = await this.#openLink(server, (channel) => {
      channels.push(channel);
      this.#channels.add(channel);
    });
    if (link.ok && !this.#closing) {
      this.#agreed.set(server, link.value.agreed);
      if (link.value.transport === 'stdio' || session === NOBODY) void this.#watch(server, session, seat, link.value);
      return ok({ link: link.value, connection: ok(this.#connection(server, link.value, seat)), close });
    }
    // What was agreed may be why it failed: the next try finds out anew.
    this.#agreed.delete(server);
    await close();
    const why = link.ok ? 'the gateway is closing' : link.error;
    // Who lists tools at the start is told, and tells. A call's caller is not: the operator has to hear of it here.
    if (session !== NOBODY) this.#options.log({ server, text: `unavailable: ${why}` });
    return refuse({ server, why });
  }

  async #watch(server: string, session: string, seat: ServerSeat, link: Link): Promise<void> {
    const isUnserved = await this.#watches.follow(server, link);
    // What the server speaks may have changed: the next who needs the connection finds out.
    if (isUnserved && link.transport === 'http') this.#leave(keyOf(server, session), seat);
  }

  /** A link whose list of tools has been read: pinned, or compared with what was pinned. */
  async #openLink(server: string, opened: LinkOptions['opened']): Promise<Result<Link, string>> {
    const address = this.#servers.get(server);
    if (address === undefined) return refuse('it is not configured');
    if (this.#closing) return refuse('the gateway is closing');
    let link: Link | undefined;
    const options: LinkOptions = {
      pools: this.#pools,
      known: this.#agreed.get(server),
      log: (text) => this.#options.log({ server, text }),
      listChanged: (list) => this.#watches.listChanged(server, list, link),
      renewed: async (source) => (await this.#catalog.read(server, source)).ok,
      opened,
    };
    const made =
      address.kind === 'stdio'
        ? await openStdioLink(address, options)
        : await openHttpLink(new URL(address.url), options);
    if (!made.ok) return made;
    const read = await this.#catalog.read(server, made.value);
    if (!read.ok) return read;
    link = made.value;
    return made;
  }

  #subscribe(seat: ServerSeat, link: Link, exchange: Exchange): Promise<Outcome> {
    const place = this.#places.get(seat);
    if (place === undefined) throw new Error('a seat without a place');
    return this.#subscriptions.subscribe(place, link, exchange);
  }

  #connection(server: string, link: Link, seat: ServerSeat): Connection {
    const { now } = this.#options;
    const catalog = this.#catalog;
    const way = {
      era: link.era,
      now,
      request: link.request,
      isChanged: (tool: string) => catalog.isChanged(server, tool),
      parameters: (tool: string, canonical: string) =>
        link.transport === 'http' && link.era === 'modern' ? catalog.headers(server, tool, canonical) : {},
    };
    const call = async (exchange: Exchange): Promise<Outcome> => {
      if (way.isChanged(exchange.name)) {
        return { outcome: 'not_sent', why: 'the server now describes this tool otherwise than when it was pinned' };
      }
      try {
        if (exchange.operation === 'resources/subscribe') return await this.#subscribe(seat, link, exchange);
        const outcome = await seat.during(makeCall(way, exchange));
        if (outcome.outcome === 'rpc_error' && outcome.code === HEADER_MISMATCH) catalog.doubt(server);
        return outcome;
      } catch (fault) {
        return {
          outcome: 'unknown',
          why: `the exchange failed: ${fault instanceof Error ? fault.message : String(fault)}`,
        };
      }
    };
    return { server, transport: link.transport, address: link.address, revision: link.agreed.revision, call };
  }
}

const keyOf = (server: string, session: string): string => `${server}\n${session}`;
