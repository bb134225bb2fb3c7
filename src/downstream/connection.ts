/** A session's connection to one server: how its exchanges are made, and what is refused before anything is sent. */
import type { Definition } from '../domain/contract.ts';
import type { Connection, Exchange } from '../domain/exchange.ts';
import type { Operation } from '../domain/operation.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Now } from '../domain/ports.ts';
import { ConnectionLogLevel } from './connection-log-level.ts';
import type { Authority } from './links/authority.ts';
import type { Link } from './links/link.ts';
import type { PinnedLists } from './lists/pinned-lists.ts';
import { makeCall, type Way } from './make-call.ts';

/** HeaderMismatch: the tool's schema may have changed (basic/transports/streamable-http.mdx). */
const HEADER_MISMATCH = -32020;

/** What is pinned of the target of each operation. */
const PINNED: Readonly<Record<Operation, Definition['kind'] | undefined>> = {
  'tools/call': 'tool',
  'prompts/get': 'prompt',
  'resources/read': undefined,
  'completion/complete': undefined,
  'resources/subscribe': undefined,
};

/** What a connection is made of. */
export interface Hop {
  readonly server: string;
  readonly link: Link;
  readonly authority: Authority | undefined;
  /** Of a legacy server that logs. */
  readonly level: ConnectionLogLevel | undefined;
  readonly lists: PinnedLists;
  readonly now: Now;
  /** Told of every exchange while it lasts. */
  during(exchanging: Promise<Outcome>): Promise<Outcome>;
  /** Makes the exchange of a subscription. */
  subscribe(exchange: Exchange): Promise<Outcome>;
}

export function connectionOf(hop: Hop): Connection {
  const { server, link, lists, authority } = hop;
  const way = wayOf(hop);
  const call = async (exchange: Exchange): Promise<Outcome> => {
    if (way.isChanged(exchange)) {
      const kind = PINNED[exchange.operation];
      return { outcome: 'not_sent', why: `the server now describes this ${kind} otherwise than when it was pinned` };
    }
    if (exchange.credential !== undefined) authority?.use(exchange.credential);
    else if (authority?.isOfCallers === true) return NOT_BROUGHT;
    const isSubscription = exchange.operation === 'resources/subscribe';
    try {
      const outcome = await hop.during(isSubscription ? hop.subscribe(exchange) : makeCall(way, exchange));
      const challenge = exchange.credential && authority?.challengeTo(exchange.credential);
      if (challenge !== undefined) exchange.challenged?.(challenge);
      if (outcome.outcome === 'rpc_error' && outcome.code === HEADER_MISMATCH) lists.tool.doubt(server);
      return outcome;
    } catch (fault) {
      const why = fault instanceof Error ? fault.message : String(fault);
      return { outcome: 'unknown', why: `the exchange failed: ${why}` };
    }
  };
  return { server, transport: link.transport, address: link.address, revision: link.agreed.revision, call };
}

/** Nothing is sent in another call's name. */
const NOT_BROUGHT: Outcome = {
  outcome: 'not_sent',
  why: 'the session is connected at another gateway, and a credential is not handed from one to the other',
};

function wayOf({ server, link, level, lists, now }: Hop): Way {
  const { era, transport } = link;
  const mirrors = transport === 'http' && era === 'modern';
  return {
    era,
    revision: link.agreed.revision,
    now,
    request: link.request,
    isChanged: ({ operation, name, pin }) => {
      const kind = PINNED[operation];
      return kind !== undefined && pin !== undefined && lists[kind].differs(server, name, pin);
    },
    parameters: ({ operation, name, canonical }) =>
      mirrors && operation === 'tools/call' ? lists.tool.headers(server, name, canonical) : {},
    wantLogs: async (wanted) => {
      const told = level?.want(wanted);
      // A process reads its lines in order: there is nothing to wait for.
      if (transport === 'http') await told;
    },
  };
}

/** Legacy servers that log are told how much; modern ones are told with each request. */
export const logLevelOf = ({ era, agreed, request }: Link): ConnectionLogLevel | undefined =>
  era === 'legacy' && agreed.offers?.capabilities['logging'] !== undefined
    ? new ConnectionLogLevel(request)
    : undefined;
