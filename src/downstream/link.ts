/** A link: one live connection to one server, of either transport and either era, ready for requests. */
import type { Connection } from '../domain/exchange.ts';
import type { ListKind } from '../domain/ports.ts';
import { requestText } from '../wire/outgoing.ts';
import type { Channel, Reply } from './channel.ts';
import type { Agreed, Handshake } from './era.ts';
import type { Peer, PeerRequest } from './peer.ts';
import type { Pools } from './pools.ts';
import type { ListSource } from './read-pages.ts';

export interface Link {
  readonly transport: Connection['transport'];
  readonly address: Connection['address'];
  readonly agreed: Agreed;
  readonly era: Agreed['era'];
  /** False once no request can be sent any more. */
  alive(): boolean;
  /** Never rejects. */
  request(request: PeerRequest): Promise<Reply>;
  /** Listens for changes of the list of tools, where the server tells them on a stream. `over`: a stream that stood has ended. */
  watch(over: () => void): void;
}

export interface LinkOptions {
  readonly pools: Pools;
  /** What was agreed with this server before; undefined where it must be found out. */
  readonly known: Agreed | undefined;
  readonly handshake: Handshake;
  readonly log: (text: string) => void;
  readonly listChanged: (list: ListKind) => void;
  /** A new legacy session stands: the server may run anew, and its list must be compared before anything is sent. */
  readonly renewed: (source: ListSource) => Promise<boolean>;
  /** Told of every channel as soon as it exists, so that whoever closes reaches all of them. */
  readonly opened: (channel: Pick<Channel, 'close'>) => void;
}

/** `subscriptions/listen` (basic/patterns/subscriptions.mdx). */
export async function subscribe(peer: Peer, over: () => void): Promise<void> {
  const params = { notifications: { toolsListChanged: true } };
  const reply = await peer.request({
    method: 'subscriptions/listen',
    text: (id) => requestText('modern', id, 'subscriptions/listen', params),
    within: undefined,
    late: '',
    cancellable: true,
  });
  if (reply.kind === 'result' || (reply.kind === 'lost' && reply.sent)) over();
}
