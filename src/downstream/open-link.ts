/** The opening of one connection to a server: its link, and its lists read through it. */
import type { Abilities } from '../domain/abilities.ts';
import type { Carried } from '../domain/credential.ts';
import { SHARED } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { logLevelOf } from './connection.ts';
import type { ConnectionLogLevel } from './connection-log-level.ts';
import type { KnownServers } from './known-servers.ts';
import { openHttpLink } from './links/http-link.ts';
import type { Link, LinkOptions } from './links/link.ts';
import type { PinnedLists } from './lists/pinned-lists.ts';
import type { ListSource } from './lists/read-pages.ts';
import type { Watches } from './lists/watches.ts';
import { openInRoom, type Rooms } from './rooms.ts';

/** What the connections of all servers share. */
export interface OpeningParts {
  readonly servers: KnownServers;
  readonly lists: PinnedLists;
  readonly watches: Watches;
  readonly pools: LinkOptions['pools'];
  readonly rooms: Rooms | undefined;
  readonly mark: Readonly<Record<string, string>> | undefined;
  log(server: string, text: string): void;
}

export interface LinkWanted {
  readonly server: string;
  /** Undefined for a connection that only lists. */
  readonly session: string | undefined;
  readonly abilities: Abilities;
  readonly carried: Carried | undefined;
  /** Hears of each channel as soon as it is there. */
  readonly opened: LinkOptions['opened'];
}

export interface Opened {
  readonly link: Link;
  /** What its lists are read through. */
  readonly source: ListSource;
  readonly level: ConnectionLogLevel | undefined;
}

/** A link whose lists have been read; refused with why there is none. */
export async function openLink(
  { server, session, abilities, carried, opened }: LinkWanted,
  { servers, lists, watches, pools, rooms, mark, log }: OpeningParts,
): Promise<Result<Opened, string>> {
  const address = servers.addressOf(server);
  if (address === undefined) return refuse('it is not configured');
  const known = servers.agreedWith(server);
  let link: Link | undefined;
  let level: ConnectionLogLevel | undefined;
  const reader = {};
  // Modern HTTP has no connections that count: what one is told, all are.
  const asSeen = ({ era, request }: ListSource): ListSource => {
    const isShared = address.kind === 'http' && era === 'modern';
    const isPartial = servers.showsLess(server, abilities);
    return { era, request, isPartial, ...(isShared ? {} : { reader }) };
  };
  const options: LinkOptions = {
    pools,
    known,
    handshake: { era: address.era ?? known?.era, abilities },
    carried,
    isCalled: session !== undefined,
    isShared: session === SHARED,
    log: (text) => log(server, text),
    listChanged: (list) => watches.listChanged(server, list, link && asSeen(link)),
    renewed: async (source) => {
      level?.forget();
      return (await lists.read(server, asSeen(source))).ok;
    },
    opened,
  };
  const made =
    address.kind === 'stdio'
      ? await openInRoom({ ...address, env: { ...address.env, ...mark } }, session, rooms, options)
      : await openHttpLink(new URL(address.url), options);
  if (!made.ok) return made;
  servers.learn(server, made.value.agreed, session === undefined || session === SHARED);
  lists.heard(server, made.value.agreed.offers?.instructions);
  const source = asSeen(made.value);
  const read = await lists.read(server, source);
  lists.endWith(made.value.over, server, reader);
  if (!read.ok) return read;
  link = made.value;
  level = logLevelOf(link);
  return ok({ link, source, level });
}
