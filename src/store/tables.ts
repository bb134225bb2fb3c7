/** The tables of one database, and what is kept in memory of them. */
import { Contents } from './contents.ts';
import type { Role } from './operations.ts';
import { NO_END, type Room } from './room.ts';
import { AcceptanceRows } from './rows/acceptance-rows.ts';
import { CallRows } from './rows/call-rows.ts';
import { ChainRows } from './rows/chain-rows.ts';
import { ContentRows } from './rows/content-rows.ts';
import { EventRows } from './rows/event-rows.ts';
import { HoldRows } from './rows/hold-rows.ts';
import { LeavingRows } from './rows/leaving-rows.ts';
import { PastRows } from './rows/past-rows.ts';
import { PrincipalRows } from './rows/principal-rows.ts';
import { PushRows } from './rows/push-rows.ts';
import { RelayRows } from './rows/relay-rows.ts';
import { ReplicaRows } from './rows/replica-rows.ts';
import { SessionRows } from './rows/session-rows.ts';
import { StopRows } from './rows/stop-rows.ts';
import { ToldRows } from './rows/told-rows.ts';
import type { Sealing } from './sealing.ts';
import type { Sql } from './sql.ts';
import type { Store } from './store.ts';

export function storeOf(sql: Sql, role: Role, sealing: Sealing, room: Room = NO_END): Store {
  const sessions = new SessionRows(sql);
  return {
    role,
    room,
    sessions,
    leaving: new LeavingRows(sql),
    calls: new CallRows(sql),
    past: new PastRows(sql),
    principals: new PrincipalRows(sql),
    holds: new HoldRows(sql),
    stops: new StopRows(sql),
    events: new EventRows(sql),
    acceptances: new AcceptanceRows(sql),
    chains: new ChainRows(sql),
    contents: new Contents(new ContentRows(sql), sealing, (row, bytes) => sessions.kept.count(row, bytes)),
    replicas: new ReplicaRows(sql),
    relay: new RelayRows(sql),
    told: new ToldRows(sql),
    pushes: new PushRows(sql, sealing),
    changed: new Set(),
  };
}
