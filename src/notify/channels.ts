/** The entries of the deployment's file as channels. */
import type { NotifyEntry } from '../document/notify-shape.ts';
import { digestOf, type JsonValue } from '../domain/json.ts';
import type { Notification } from '../domain/notification.ts';
import { ok, type Result } from '../domain/result.ts';
import type { Secret } from '../domain/secret.ts';
import type { Outgoing } from '../outgoing/outgoing.ts';
import { post } from './post.ts';
import type { Channel, Message, Receiver, Sent } from './receiver.ts';
import { slackBody, slackUrl } from './slack.ts';
import { webhookBody, webhookHeaders, webhookKey } from './webhook.ts';

export interface ChannelsOptions {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly readSecret: (reference: string) => Promise<Result<Secret, string>>;
}

type Of<Kind extends NotifyEntry['to']['kind']> = Extract<NotifyEntry['to'], { readonly kind: Kind }>;

/** For the operator: `notify[0] (webhook at hooks.example.com)`. */
export const nameOf = ({ to }: NotifyEntry, place: number): string =>
  `notify[${place}] (${to.kind}${to.kind === 'webhook' ? ` at ${new URL(to.url).host}` : ''})`;

/** Who is told otherwise (another address, other occasions, another time) is another receiver. */
const keyOf = ({ to, occasions, after }: NotifyEntry): string =>
  `${to.kind}:${digestOf({ to, occasions, after } as unknown as JsonValue).slice(-32)}`;

export const webhookChannel = (
  entry: NotifyEntry,
  to: Of<'webhook'>,
  place: number,
  options: ChannelsOptions,
): Channel =>
  oneReceiver(entry, place, async (notification, { id, at, signal }) => {
    const key = await secretOf(to.secret, webhookKey, options);
    if (!key.ok) return key.error;
    const body = webhookBody(notification);
    return post(options.outgoing, { url: to.url, headers: webhookHeaders(key.value, id, at, body), body, signal });
  });

export const slackChannel = (entry: NotifyEntry, to: Of<'slack'>, place: number, options: ChannelsOptions): Channel =>
  oneReceiver(entry, place, async (notification, { signal }) => {
    const url = await secretOf(to.url, slackUrl, options);
    if (!url.ok) return url.error;
    const headers = { 'content-type': 'application/json' };
    return post(options.outgoing, { url: url.value, headers, body: slackBody(notification), signal });
  });

/** Of no tenant: whoever runs the deployment decides who reads there. */
function oneReceiver(
  entry: NotifyEntry,
  place: number,
  send: (notification: Notification, message: Message) => Promise<Sent>,
): Channel {
  const { occasions, after, remind } = entry;
  const receiver: Receiver = {
    key: keyOf(entry),
    name: nameOf(entry, place),
    ...{ occasions, after, remind, send },
    concerns: () => true,
    sendOver: undefined,
  };
  return { receivers: () => [receiver] };
}

/** Read anew each time: whoever replaces a secret need not restart anything. */
async function secretOf<T>(
  reference: string,
  parse: (secret: Secret) => Result<T, string>,
  { readSecret }: ChannelsOptions,
): Promise<Result<T, Sent>> {
  const secret = await readSecret(reference);
  const parsed = secret.ok ? parse(secret.value) : secret;
  return parsed.ok ? ok(parsed.value) : { ok: false, error: { ok: false, again: true, why: parsed.error } };
}
