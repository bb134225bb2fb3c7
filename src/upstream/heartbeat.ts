/** Beats for the answers that take long, all from one timer: one of its own for each call would cost every call. */
import { HEARTBEAT } from '../wire/patience.ts';

const TICK = HEARTBEAT / 4;

/** When each answer last said something, by what makes it say that it still waits. */
const open = new Map<() => void, number>();

/** From now on `beat` is called about every `HEARTBEAT`, never earlier than three quarters of it. */
export function beginBeating(beat: () => void): void {
  open.set(beat, performance.now());
}

export function endBeating(beat: () => void): void {
  open.delete(beat);
}

function tick(): void {
  const now = performance.now();
  for (const [beat, last] of open) {
    if (now - last < HEARTBEAT - TICK) continue;
    open.set(beat, now);
    beat();
  }
}

setInterval(tick, TICK).unref();
