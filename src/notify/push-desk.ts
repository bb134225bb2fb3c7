/** Where people name the browsers in which they want to be told. */
import { createHash } from 'node:crypto';
import type { Now } from '../domain/ports.ts';
import type { PushAddress, PushDesk, PushSubscriptions } from '../domain/push.ts';
import { type Result, refuse } from '../domain/result.ts';
import type { Vapid } from './vapid.ts';

/** Milliseconds: whose person does not come by again for so long is told no more. */
const COUNTS_FOR = 30 * 86_400_000;

interface PushDeskOptions {
  readonly subscriptions: PushSubscriptions;
  /** Undefined: the deployment tells no browsers. */
  readonly vapid: Vapid | undefined;
  readonly now: Now;
}

export const pushDesk = ({ subscriptions, vapid, now }: PushDeskOptions): PushDesk => ({
  key: vapid?.publicKey,
  subscribe: async (address, { principal: { issuer, subject, tenant }, groups }): Promise<Result<void, string>> => {
    if (vapid === undefined) return refuse('This gateway tells no browsers');
    const trouble = troubleOf(address);
    if (trouble !== undefined) return refuse(trouble);
    const person = { issuer, subject, tenant };
    return subscriptions.subscribe(
      { ...address, id: idOf(address.endpoint), person, groups, until: now() + COUNTS_FOR },
      now(),
    );
  },
  unsubscribe: (endpoint, person) => subscriptions.unsubscribe(idOf(endpoint), person),
});

const idOf = (endpoint: string): string => createHash('sha256').update(endpoint).digest('base64url').slice(0, 32);

/** What the library would not take; where the address leads is judged when it is connected to. */
function troubleOf({ endpoint, p256dh, auth }: PushAddress): string | undefined {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return 'The endpoint is no URL of a push service';
  const point = Buffer.from(p256dh, 'base64url');
  if (point.length !== 65 || point[0] !== 4) return 'The key p256dh is no point of P-256';
  return Buffer.from(auth, 'base64url').length === 16 ? undefined : 'The key auth is not of 16 bytes';
}
