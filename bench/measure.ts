/** The measurement: short turns, route after route, round after round, so that what the machine does else hits all alike. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';
import type { Seen } from './load.ts';
import { ask, processorTime } from './processes.ts';

export interface Route {
  readonly name: string;
  readonly url: string;
  readonly tool: string;
  readonly token: string | undefined;
  /** Whose processor time counts. */
  readonly pid: number;
}

export interface Measured {
  readonly route: string;
  readonly inFlight: number;
  /** From 1; `WARM_UP` does not count. */
  readonly round: number;
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time. */
  readonly processorPerCall: number;
}

export interface Plan {
  readonly seconds: number;
  readonly rounds: number;
}

export const WARM_UP = 0;
export const IN_FLIGHT = [1, 16] as const;

/** What a turn may take beyond its seconds, in milliseconds. */
const GRACE = 30_000;
/** How often, and how many times at most, to look whether a process has come to rest. */
const REST = { every: 50, most: 40 } as const;
/**
 * The compiler counts calls, not seconds: every route is warm after as many, in turns of so many seconds. The slowest one at
 * one call in flight stops after the most turns.
 */
const WARM = { calls: 30_000, seconds: 1.5, turns: 10 } as const;

/** Every round of every load, and each warm-up. `tell` hears what is going on. */
export async function measure(
  routes: readonly Route[],
  load: ChildProcess,
  plan: Plan,
  tell: (line: string) => void,
): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const inFlight of IN_FLIGHT) {
    for (const route of routes) {
      tell(`${inFlight} in flight, warming up ${route.name}`);
      measured.push(...(await warmUp(route, load, inFlight)));
    }
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const route of routes) {
        tell(`${inFlight} in flight, round ${round} of ${plan.rounds}, ${route.name}`);
        measured.push(await turn(route, load, inFlight, round, plan.seconds));
      }
    }
  }
  return measured;
}

async function warmUp(route: Route, load: ChildProcess, inFlight: number): Promise<readonly Measured[]> {
  const turns: Measured[] = [];
  let calls = 0;
  while (calls < WARM.calls && turns.length < WARM.turns) {
    const done = await turn(route, load, inFlight, WARM_UP, WARM.seconds);
    calls += done.calls;
    turns.push(done);
  }
  return turns;
}

async function turn(
  { name, url, tool, token, pid }: Route,
  load: ChildProcess,
  inFlight: number,
  round: number,
  seconds: number,
): Promise<Measured> {
  const before = await timeAtRest(pid);
  const seen = (await ask(load, { url, tool, token, inFlight, seconds }, seconds * 1000 + GRACE)) as Seen;
  if (!seen.ok) throw new Error(`${name}: ${seen.why}`);
  const used = (await timeAtRest(pid)) - before;
  return {
    ...{ route: name, inFlight, round, calls: seen.calls, callsPerSecond: seen.calls / seen.seconds },
    ...{ p50: seen.p50, p99: seen.p99, processorPerCall: used / seen.calls },
  };
}

/** Processor time once a process has nothing left to do: what it still writes or exports belongs to the turn that caused it. */
async function timeAtRest(pid: number): Promise<number> {
  let last = processorTime(pid);
  let still = 0;
  for (let looked = 0; looked < REST.most && still < 5; looked += 1) {
    await after(REST.every);
    const now = processorTime(pid);
    still = now === last ? still + 1 : 0;
    last = now;
  }
  return last;
}
