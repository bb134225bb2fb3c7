/** What notifications say to people. One file, so that nobody has to look elsewhere for what goes out. */
import type { Notification } from '../domain/notification.ts';

/** `crm.send_reply waits for a person`, for a title. */
export const titleOf = ({ occasion, tool, round }: Notification): string =>
  occasion === 'hold'
    ? `${tool} ${round === 0 ? 'waits' : 'still waits'} for a person`
    : `${tool} was sent, and nobody knows what became of it`;

/** The rules that ask, as the policy names them; empty where it is none. */
export const ruleOf = ({ rules }: Notification): string => rules.join(', ');

/** What waits no more. */
export const OVER = 'It waits no more';
