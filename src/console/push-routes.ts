/** The routes of web push: people name the browsers in which they want to be told. Being told lets nobody answer anything. */
import { z } from 'zod';
import type { PushDesk } from '../domain/push.ts';
import { ok, refuse } from '../domain/result.ts';
import type { Right } from '../domain/role.ts';
import { invalid } from './problem.ts';
import { type ApiRoute, route } from './route.ts';

export interface PushRoutesOptions {
  readonly push: PushDesk;
}

const PUSH = '/api/push';
/** Those who are told are those who may answer. */
const RIGHTS: readonly Right[] = ['answer holds', 'extend budgets'];

const endpoint = z.string().min(1).max(2000);
const key = (most: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(most);
const subscription = z.strictObject({
  endpoint,
  keys: z.strictObject({ p256dh: key(100), auth: key(40) }),
});
const ended = z.strictObject({ endpoint });
const desk = z.strictObject({
  key: z
    .string()
    .nullable()
    .describe('The applicationServerKey to subscribe for; null: this gateway tells no browsers.'),
});
const done = z.strictObject({ told: z.boolean() });

export const pushRoutes = ({ push }: PushRoutesOptions): readonly ApiRoute[] => [
  route(
    {
      name: 'showPush',
      method: 'get',
      path: PUSH,
      says: 'What a browser subscribes for, to be told that a call waits.',
      scope: undefined,
      rights: RIGHTS,
      query: undefined,
      body: undefined,
      answer: { status: 200, says: 'The key of this gateway.', shape: desk },
      refusals: [403],
    },
    async () => ok({ status: 200, body: { key: push.key ?? null } }),
  ),
  route(
    {
      name: 'subscribe',
      method: 'post',
      path: PUSH,
      says: 'Tells a browser from now on, for thirty days: as PushSubscription.toJSON() has it, without its time.',
      scope: undefined,
      rights: RIGHTS,
      query: undefined,
      body: subscription,
      answer: { status: 200, says: 'It is told.', shape: done },
      refusals: [400, 403, 413, 415],
    },
    async ({ caller, body: { endpoint, keys } }) => {
      const subscribed = await push.subscribe({ endpoint, ...keys }, caller);
      return subscribed.ok ? ok({ status: 200, body: { told: true } }) : refuse(invalid(undefined, subscribed.error));
    },
  ),
  route(
    {
      name: 'unsubscribe',
      method: 'post',
      path: `${PUSH}/end`,
      says: "Tells one of the caller's own browsers no more.",
      scope: undefined,
      rights: RIGHTS,
      query: undefined,
      body: ended,
      answer: { status: 200, says: 'It is not told.', shape: done },
      refusals: [400, 403, 413, 415],
    },
    async ({ caller, body: { endpoint } }) => {
      await push.unsubscribe(endpoint, caller.principal);
      return ok({ status: 200, body: { told: false } });
    },
  ),
];
