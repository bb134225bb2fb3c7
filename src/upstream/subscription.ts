import type { Settled } from '../domain/call.ts';
import type { Line, Subscriber } from '../domain/exchange.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result } from '../domain/result.ts';
import type { Target } from '../wire/targets.ts';
import type { Turn } from './conversation.ts';
import { receivedFrom } from './received.ts';

/** Presents a subscription to a resource: a call like any other, whose subscriber is told until its signal aborts. */
export async function subscription(
  turn: Turn,
  uri: string,
  subscriber: Subscriber,
): Promise<{ readonly target: Target; readonly answer: Result<Settled, Refusal> }> {
  const { keeper, caller, reply } = turn;
  const target: Target = { operation: 'resources/subscribe', target: uri, arguments: {}, completes: undefined };
  const id = keeper.newId('call');
  const received = receivedFrom(turn, target, {
    id,
    round: undefined,
    ahead: undefined,
    subscriber,
    line: silent(reply.signal),
  });
  const waiting = { begin: () => reply.gone(), patience: keeper.patienceOf(caller.client.name).wait };
  const answer = await keeper.answerCall(received, waiting);
  if (!answer.ok) return { target, answer };
  if (!('outcome' in answer.value)) throw new Error(`subscription ${id} asks its client something`);
  return { target, answer: ok(answer.value) };
}

/** Nothing is told of how a subscription comes about, and nothing asked. */
const silent = (signal: AbortSignal): Line => ({
  signal,
  progress: () => undefined,
  logLevel: undefined,
  log: () => undefined,
  ask: undefined,
});
