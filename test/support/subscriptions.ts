/** What tests of subscriptions share: the four kinds of servers that tell of changes, and whoever subscribes there. */
import { afterEach } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { ListKind } from '../../src/domain/downstream.ts';
import type { Connection, Exchange } from '../../src/domain/exchange.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { exchangeOf, stdioServer, until } from './downstream.ts';
import type { Served } from './servers/http-fixture.ts';
import { serveTellingLegacy, serveTellingModern } from './servers/telling-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Of each kind of server, its address. */
export const TELLING: readonly [string, () => Promise<ServerAddress>][] = [
  ['legacy HTTP', async () => addressOf(await serveTellingLegacy())],
  ['modern HTTP', async () => addressOf(await serveTellingModern())],
  ['legacy stdio', async () => stdioServer('telling-stdio.ts', ['legacy'])],
  ['modern stdio', async () => stdioServer('telling-stdio.ts', ['modern'])],
];

/** A server that ends with the test, as the gateway knows it. */
export function addressOf(served: Served): ServerAddress {
  closing.push(() => served.close());
  return { kind: 'http', url: served.url, era: undefined };
}

export function openGateway(server: ServerAddress) {
  const log: string[] = [];
  const heard: ListKind[] = [];
  const downstream = openDownstream({
    servers: new Map([['s', server]]),
    now: Date.now,
    log: ({ text }) => log.push(text),
  });
  closing.push(() => downstream.close());
  const unlisten = downstream.onListChanged((_server, list) => heard.push(list));
  const connect = async (session = 'one'): Promise<Connection> => {
    const connected = await downstream.connect('s', session, NO_ABILITIES);
    if (!connected.ok) throw new Error(connected.error.why);
    return connected.value;
  };
  return { downstream, connect, log, heard, unlisten };
}

export interface Subscribed {
  readonly outcome: Promise<Outcome>;
  /** What it was told. */
  readonly updates: string[];
  stop(): void;
}

/** Somebody subscribes. `cancelled` ends the request for it, `stop` the subscription. */
export function subscribe(
  connection: Connection,
  uri: string,
  options: { readonly cancelled?: AbortSignal; readonly within?: number } = {},
): Subscribed {
  const updates: string[] = [];
  const enough = new AbortController();
  const exchange: Exchange = {
    ...exchangeOf(uri, JSON.stringify({ uri }), {
      operation: 'resources/subscribe',
      ...(options.cancelled === undefined ? {} : { signal: options.cancelled }),
      ...(options.within === undefined ? {} : { within: options.within }),
    }),
    subscriber: { signal: enough.signal, updated: (changed) => void updates.push(changed) },
  };
  return { outcome: connection.call(exchange), updates, stop: () => enough.abort() };
}

export const UPDATED = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri } });
export const CHANGED = (list: ListKind) => ({ method: `notifications/${list}/list_changed` });

/** Lets so much time pass as another gateway needs to open a stream again, twice: whoever meant to try again has done so. */
export async function tries(): Promise<void> {
  const served = await serveTellingModern({ quiet: true });
  const { connect } = openGateway(addressOf(served));
  const one = subscribe(await connect(), 'note://clock');
  await one.outcome;
  for (let times = 1; times <= 2; times++) {
    served.drop();
    await until(() => one.updates.length === times);
  }
}

/** Makes the server tell something, and gives the URIs that are subscribed to there. */
export async function tell(connection: Connection, told: object): Promise<string[]> {
  const outcome = await connection.call(exchangeOf('tell', JSON.stringify(told)));
  return urisIn(outcome);
}

export async function subscribedAt(connection: Connection): Promise<string[]> {
  return urisIn(await connection.call(exchangeOf('subscribed', '{}')));
}

function urisIn(outcome: Outcome): string[] {
  if (outcome.outcome !== 'ok') throw new Error(JSON.stringify(outcome));
  const [block] = outcome.result['content'] as [{ text: string }];
  return JSON.parse(block.text) as string[];
}
