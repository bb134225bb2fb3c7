import type { Config } from '../config.ts';
import type { Home } from '../home.ts';
import { secretKey } from '../identity/keys.ts';
import { type Notify, type NotifyOptions, openNotify } from '../notify/open-notify.ts';

interface NotificationsOptions extends Omit<NotifyOptions, 'entries' | 'people' | 'pushSecret' | 'origin'> {
  readonly config: Pick<Config, 'notify' | 'people'>;
  readonly home: Pick<Home, 'keys'>;
  /** Where callers find us: known once it is listened. */
  readonly base: () => URL;
}

/** What the deployment's file says of notifications, with a key of its own for browsers. */
export const notifications = ({ config, home, base, ...options }: NotificationsOptions): Notify =>
  openNotify({
    ...options,
    entries: config.notify,
    people: config.people,
    pushSecret: () => secretKey(home.keys, 'push'),
    origin: () => base().origin,
  });
