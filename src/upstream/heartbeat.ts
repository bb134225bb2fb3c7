/** Beats for the answers that take long, all from one timer: one of its own for each call would cost every call. */
import { HEARTBEAT } from '../wire/patience.ts';

const TICK = HEARTBEAT / 4;

/** Makes an answer say that it still waits; knows its place in the list, and when it was last called. */
type Beat = (() => void) & { place?: number; last?: number };

/**
 * No map or set: where entries come and go with every call, V8 keeps the outgrown tables of one alive until the next full
 * collection, with all the calls in them.
 */
const open: Beat[] = [];

/** From now on `beat` is called about every `HEARTBEAT`, never earlier than three quarters of it. */
export function beginBeating(beat: Beat): void {
  beat.last = performance.now();
  beat.place = open.push(beat) - 1;
}

/** The last of the list takes the place that is free. Without effect on a beat that has ended. */
export function endBeating(beat: Beat): void {
  const { place } = beat;
  if (place === undefined || open[place] !== beat) return;
  const moved = open.pop();
  if (moved === undefined || moved === beat) return;
  open[place] = moved;
  moved.place = place;
}

function tick(): void {
  const now = performance.now();
  for (const beat of [...open]) {
    if (now - (beat.last ?? 0) < HEARTBEAT - TICK) continue;
    beat.last = now;
    beat();
  }
}

setInterval(tick, TICK).unref();
