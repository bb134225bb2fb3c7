/** Opens what `notify` of the deployment's file says: nothing runs where it says nothing. */
import type { NotifyEntry } from '../document/notify-shape.ts';
import type { PushDesk } from '../domain/push.ts';
import { type ChannelsOptions, nameOf, slackChannel, webhookChannel } from './channels.ts';
import type { Assigned } from './may-answer.ts';
import { pushDesk } from './push-desk.ts';
import type { Channel } from './receiver.ts';
import { Teller, type TellerOptions } from './teller.ts';
import { type Vapid, vapidOf } from './vapid.ts';
import { webPushChannel } from './web-push.ts';

export interface NotifyOptions extends ChannelsOptions, Omit<TellerOptions, 'channels' | 'linkTo'> {
  readonly entries: readonly NotifyEntry[];
  readonly people: Assigned;
  /** 32 bytes that are for this alone: asked for where browsers are told. */
  readonly pushSecret: () => Uint8Array;
  /** Where people come to answer: scheme, host and port. */
  readonly origin: () => string;
}

export interface Notify {
  readonly desk: PushDesk;
  /** Begins to tell: links lead somewhere from now on. */
  start(): void;
  close(): Promise<void>;
}

export function openNotify({ entries, origin, pushSecret, ...options }: NotifyOptions): Notify {
  const vapid = entries.some(({ to }) => to.kind === 'web_push') ? vapidOf(pushSecret()) : undefined;
  const channels = entries.flatMap((entry, place) => channelsOf(entry, place, vapid, options));
  const teller = new Teller({
    ...options,
    channels,
    // What became of a call is answered in the inbox.
    linkTo: ({ occasion, id }) => `${origin()}/${occasion === 'hold' ? 'holds' : 'outcomes'}/${id}`,
  });
  return {
    desk: pushDesk({ subscriptions: options.ledger.telling, vapid, now: options.now }),
    start: () => {
      if (channels.length > 0) teller.start();
    },
    close: () => teller.close(),
  };
}

function channelsOf(
  entry: NotifyEntry,
  place: number,
  vapid: Vapid | undefined,
  { ledger, people, ...options }: ChannelsOptions & Pick<NotifyOptions, 'ledger' | 'people'>,
): readonly Channel[] {
  const { to } = entry;
  if (to.kind === 'webhook') return [webhookChannel(entry, to, place, options)];
  if (to.kind === 'slack') return [slackChannel(entry, to, place, options)];
  const parts = { outgoing: options.outgoing, subscriptions: ledger.telling, people };
  return vapid === undefined ? [] : [webPushChannel(entry, to.contact, nameOf(entry, place), { ...parts, vapid })];
}
