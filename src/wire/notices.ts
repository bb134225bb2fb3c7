/** Notifications of ours, as both eras read them. Those on a `subscriptions/listen` stream say of which. */

import type { ListKind } from '../domain/downstream.ts';
import type { LogEntry, Progress } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RequestId } from './faults.ts';

const SUBSCRIPTION_KEY = 'io.modelcontextprotocol/subscriptionId';

/** The `_meta` of everything that a listen request's stream carries: its id, in its own JSON type. */
export const subscriptionMeta = (id: RequestId): JsonObject => ({ _meta: { [SUBSCRIPTION_KEY]: id } });

const notice = (method: string, params: JsonObject): string => JSON.stringify({ jsonrpc: '2.0', method, params });

export const progressText = (progressToken: string | number, { progress, total, message }: Progress): string =>
  notice('notifications/progress', { progressToken, progress, total, message });

export const logText = ({ level, logger, data }: LogEntry): string =>
  notice('notifications/message', { level, logger, data });

/** `about`: what else the notification's parameters say, such as its subscription. */
export const listChangedText = (list: ListKind, about: JsonObject = {}): string =>
  notice(`notifications/${list}/list_changed`, about);

export const updatedText = (uri: string, about: JsonObject = {}): string =>
  notice('notifications/resources/updated', { ...about, uri });

export const acknowledgedText = (id: RequestId, notifications: JsonObject): string =>
  notice('notifications/subscriptions/acknowledged', { ...subscriptionMeta(id), notifications });

/** Takes back a request of ours. */
export const takenBackText = (requestId: string): string =>
  notice('notifications/cancelled', { requestId, reason: 'no answer is needed any more' });
