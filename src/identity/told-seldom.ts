import type { Now } from '../domain/ports.ts';

/** One reason is told no more often, in milliseconds: whoever knocks must not fill the operator's log. */
const TOLD_EVERY = 60_000;

/** Tells each reason, and not again for a minute. Reasons are few: none says anything of what a stranger sent. */
export function toldSeldom(tell: (why: string) => void, now: Now): (why: string) => void {
  const told = new Map<string, number>();
  return (why) => {
    const at = now();
    if (at - (told.get(why) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY) return;
    told.set(why, at);
    tell(why);
  };
}
