/** Stop: what a person stops makes no more calls, whoever asks on which replica, until a person lifts it. */
import { serverIn } from './contract.ts';
import { nameOf, type Principal } from './principal.ts';
import { makesCalls, type SessionState } from './session.ts';

export const STOP_KINDS = ['call', 'tool', 'server', 'session', 'principal', 'all'] as const;
export type StopKind = (typeof STOP_KINDS)[number];

/** What a person asks to be stopped. */
export interface Stopping {
  readonly kind: StopKind;
  /** The id of a call or session, `server.tool` (or another target in the words of `targetOf`), a server, `nameOf` a principal; of all ''. */
  readonly key: string;
  readonly by: string;
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Who did something to it, when and why. */
interface Deed {
  readonly by: string;
  readonly why: string;
  readonly at: number;
}

export interface Stop extends Stopping {
  readonly id: string;
  /** Of a session and of a call: the first of the sessions that follow each other, so that no successor goes on. */
  readonly lineage: string | undefined;
  /** Of a call: what makes another one the same. */
  readonly same: { readonly target: string; readonly digest: string } | undefined;
  /** Undefined while it stands. */
  readonly lifted: Deed | undefined;
}

/** A call, as far as it is known by now: what is unknown is stopped by nothing. */
export interface Stoppable {
  readonly call: string;
  readonly lineage: string;
  readonly principal: Principal;
  /** In the words of `targetOf`. */
  readonly target?: string | undefined;
  readonly digest?: string | undefined;
}

const CONCERNS: Readonly<Record<StopKind, (stop: Stop, call: Stoppable) => boolean>> = {
  all: () => true,
  principal: ({ key }, { principal }) => key === nameOf(principal),
  session: ({ lineage }, call) => lineage === call.lineage,
  server: ({ key }, { target }) => target !== undefined && key === serverIn(target),
  tool: ({ key }, { target }) => key === target,
  call: ({ key, lineage, same }, call) =>
    key === call.call ||
    (same !== undefined && lineage === call.lineage && same.target === call.target && same.digest === call.digest),
};

/** The oldest of these that stops the call. */
export const stopOf = (standing: readonly Stop[], call: Stoppable): Stop | undefined =>
  standing.find((stop) => CONCERNS[stop.kind](stop, call));

/** Why a session or a server may do nothing now. */
export type Bar =
  | { readonly reason: 'stopped'; readonly stop: Stop }
  | { readonly reason: 'session_paused' | 'session_over' };

/** Why a session in this state makes no calls; undefined where it does. */
export function barOf(state: SessionState): Exclude<Bar, { reason: 'stopped' }> | undefined {
  if (makesCalls({ state })) return undefined;
  return { reason: state === 'paused' ? 'session_paused' : 'session_over' };
}

/** For the operator: one sentence without a full stop; undefined where nothing is barred. */
export function barWords(bar: Bar | undefined): string | undefined {
  if (bar === undefined) return undefined;
  if (bar.reason === 'stopped') return `a person stopped it (${bar.stop.id})`;
  return bar.reason === 'session_paused' ? 'a person paused its session' : 'its session is over';
}
