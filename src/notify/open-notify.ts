/** Opens what `notify` of the deployment's file says: nothing runs where it says nothing. */
import type { NotifyEntry } from '../document/notify-shape.ts';
import { type ChannelsOptions, nameOf, slackChannel, webhookChannel } from './channels.ts';
import type { Channel } from './receiver.ts';
import { Teller, type TellerOptions } from './teller.ts';

export interface NotifyOptions extends ChannelsOptions, Omit<TellerOptions, 'channels' | 'linkTo'> {
  readonly entries: readonly NotifyEntry[];
  /** Where people come to answer: scheme, host and port. */
  readonly origin: () => string;
}

export interface Notify {
  close(): Promise<void>;
}

export function openNotify({ entries, origin, ...options }: NotifyOptions): Notify {
  const channels = entries.map((entry, place) => channelOf(entry, place, options));
  const teller = new Teller({
    ...options,
    channels,
    // What became of a call is answered in the inbox.
    linkTo: ({ occasion, id }) => `${origin()}/${occasion === 'hold' ? `holds/${id}` : ''}`,
  });
  if (channels.length > 0) teller.start();
  return { close: () => teller.close() };
}

function channelOf(entry: NotifyEntry, place: number, options: ChannelsOptions): Channel {
  const { to } = entry;
  switch (to.kind) {
    case 'webhook':
      return webhookChannel(entry, to, place, options);
    case 'slack':
      return slackChannel(entry, to, place, options);
    case 'web_push':
      throw new Error(`${nameOf(entry, place)} is not there yet`);
  }
}
