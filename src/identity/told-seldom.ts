import type { Now } from '../domain/ports.ts';

/** One reason is told no more often, in milliseconds: whoever knocks must not fill the operator's log. */
const TOLD_EVERY = 60_000;
/** More different ones than this are forgotten together. */
const MOST = 1_000;

/** Tells each reason, and not again for a minute. */
export function toldSeldom(tell: (why: string) => void, now: Now): (why: string) => void {
  const told = new Map<string, number>();
  return (why) => {
    const at = now();
    if (at - (told.get(why) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY) return;
    if (told.size >= MOST) told.clear();
    told.set(why, at);
    tell(why);
  };
}
