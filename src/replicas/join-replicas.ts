/**
 * Several gateways on one ledger. A session's connection to a server that keeps state belongs to the replica that has its
 * lease, and a call between two rounds to the one that made its intent; the others decide, commit, and have that one do
 * the rest. They write to each other through the ledger: no replica needs to reach another.
 */
import type { OpenExchange } from '../domain/call.ts';
import type { Downstream } from '../domain/downstream.ts';
import type { Connection } from '../domain/exchange.ts';
import { SHARED } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import type { Replicas } from '../domain/replicas.ts';
import { ok, refuse } from '../domain/result.ts';
import { Leases } from './leases.ts';
import { OrderedErrands } from './ordered-errands.ts';
import { type Heard, PostOffice } from './post-office.ts';
import { TakenErrands } from './taken-errands.ts';

export interface JoinOptions {
  readonly ledger: Ledger;
  readonly replicas: Replicas;
  readonly downstream: Pick<Downstream, 'connect'> & {
    keepsState(server: string): boolean;
    leave(session: string): Promise<void>;
  };
  /** A call that is open here. */
  readonly findOpen: (call: string) => OpenExchange | undefined;
  /** Clears up after a session that is over. */
  readonly over: (session: string) => Promise<void>;
}

export interface Joined {
  readonly connect: Downstream['connect'];
  findOpen(call: string, server: string): Promise<OpenExchange | undefined>;
  /** The session's last connection to this server here has ended. */
  left(session: string, server: string): void;
  /** Waits for no other replica any more. */
  end(): void;
  /** Sends what is still to be said. */
  close(): Promise<void>;
}

const isOrder = (said: Heard['said']) => said.say === 'exchange' || said.say === 'round';

export function joinReplicas({ ledger, replicas, downstream, findOpen, over }: JoinOptions): Joined {
  const standing = () => ledger.standing();
  const own = () => standing().replica;
  const leases = new Leases({ replicas, standing, leave: (session) => downstream.leave(session) });
  const hear = ({ from, errand, said, isFromLiving }: Heard): void => {
    if (!isOrder(said)) {
      ordered.hear(from, errand, said);
      taken.hear(from, errand, said);
    } else if (isFromLiving) taken.take(from, errand, said);
  };
  const look = async (): Promise<void> => {
    await leases.dropStale();
    if (ordered.areOpen || taken.areOpen) {
      const living = await replicas.living();
      ordered.endLost(living, own());
      taken.endLost(living, own());
    }
    for (const { session, server } of await replicas.leasedButOver()) {
      await over(session);
      await leases.release(session, server);
    }
  };
  const post = new PostOffice({ replicas, hear, look });
  const ordered = new OrderedErrands(ledger, post);
  const taken = new TakenErrands({
    post,
    standing,
    findOpen,
    connectHere: async (server, session, abilities) => {
      if (downstream.keepsState(server) && (await leases.take(session, server)) !== own()) {
        return refuse({ server, why: 'its connection is at another gateway by now' });
      }
      return downstream.connect(server, session, abilities);
    },
  });
  return {
    connect: async (server, session, abilities, carried) => {
      // One that its operator calls stateless serves every session of every replica by a connection of that replica.
      if (session === SHARED || !downstream.keepsState(server))
        return downstream.connect(server, session, abilities, carried);
      const holder = await leases.take(session, server);
      if (holder !== own()) return ok<Connection>(ordered.connection(holder, server, session));
      const connected = await downstream.connect(server, session, abilities, carried);
      if (!connected.ok) await leases.release(session, server);
      return connected;
    },
    findOpen: async (call, server) => {
      const underWay = await replicas.underWay(call);
      return underWay === undefined || underWay.replica === own()
        ? undefined
        : ordered.openCall(call, server, underWay);
    },
    left: (session, server) => void leases.release(session, server).catch(() => undefined),
    end: () => ordered.end(),
    close: () => post.close(),
  };
}
