/** Web push: encrypted for the browser (RFC 8291), signed for its push service (RFC 8292), sent as everything else is. */
import { createHash } from 'node:crypto';
import webpush from 'web-push';
import type { NotifyEntry } from '../document/notify-shape.ts';
import type { Notification } from '../domain/notification.ts';
import type { PushSubscription, PushSubscriptions } from '../domain/push.ts';
import type { Outgoing } from '../outgoing/outgoing.ts';
import { type Assigned, mayAnswer } from './may-answer.ts';
import { post } from './post.ts';
import type { Channel, Message, Receiver, Sent } from './receiver.ts';
import type { Vapid } from './vapid.ts';
import { OVER, ruleOf, titleOf } from './words.ts';

export interface WebPushOptions {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly subscriptions: Pick<PushSubscriptions, 'unsubscribe'>;
  readonly vapid: Vapid;
  readonly people: Assigned;
}

/** What the service worker shows. */
interface Payload {
  readonly about: string;
  readonly title: string;
  readonly body: string;
  readonly link: string | undefined;
  /** Takes the place of what was shown, without a sound. */
  readonly over: boolean;
}

/** Seconds that a push service keeps what tells of a thing that waits for as long as it takes, and of one that waits no more. */
const KEPT_FOR = 4 * 3600;
const OVER_KEPT_FOR = 600;

/** Answers of a push service that knows this browser no more (RFC 8030, section 7.3). */
const GONE = /^it answered 4(04|10)$/;

/** One receiver for each browser, told of what its person may answer. */
export function webPushChannel(entry: NotifyEntry, contact: string, name: string, options: WebPushOptions): Channel {
  const { occasions, after, remind } = entry;
  const receiverOf = (browser: PushSubscription): Receiver => ({
    key: `push:${browser.id}`,
    name: `${name}, a browser of ${browser.person.subject}`,
    ...{ occasions, after, remind },
    concerns: (awaiting) => mayAnswer(awaiting, browser, options.people),
    send: (notification, message) => send(browser, shownOf(notification), ttlOf(notification, message.at), message),
    sendOver: (about, message) =>
      send(browser, { about, title: OVER, body: '', link: undefined, over: true }, OVER_KEPT_FOR, message),
  });

  async function send(browser: PushSubscription, payload: Payload, ttl: number, { signal }: Message): Promise<Sent> {
    const { endpoint, p256dh, auth, id } = browser;
    const details = webpush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, JSON.stringify(payload), {
      vapidDetails: { subject: contact, ...options.vapid },
      TTL: ttl,
      urgency: payload.over ? 'low' : 'high',
      // Of several about the same that a browser missed it gets the last. The name tells its push service nothing.
      topic: createHash('sha256').update(`${id} ${payload.about}`).digest('base64url').slice(0, 32),
    });
    const headers = Object.fromEntries(Object.entries(details.headers).map(([key, value]) => [key, String(value)]));
    const { 'Content-Length': _, ...rest } = headers;
    const sent = await post(options.outgoing, { url: endpoint, headers: rest, body: details.body ?? '', signal });
    if (!sent.ok && GONE.test(sent.why)) await options.subscriptions.unsubscribe(id, undefined);
    return sent;
  }

  return { receivers: (browsers) => browsers.map(receiverOf) };
}

const shownOf = (notification: Notification): Payload => ({
  about: notification.id,
  title: titleOf(notification),
  body: ruleOf(notification),
  link: notification.link,
  over: false,
});

const ttlOf = ({ until }: Notification, at: number): number =>
  until === undefined ? KEPT_FOR : Math.max(0, Math.floor((until - at) / 1000));
