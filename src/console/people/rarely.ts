import type { Now } from '../../domain/ports.ts';

/** One line is told no more often, in milliseconds, and no more lines in that time: whoever knocks must not fill the operator's log. */
const TOLD_EVERY = 60_000;
const MOST = 20;

export function rarely(report: (line: string) => void, now: Now): (line: string) => void {
  const told = new Map<string, number>();
  return (line) => {
    const at = now();
    for (const [before, then] of told) if (at - then >= TOLD_EVERY) told.delete(before);
    if (told.has(line) || told.size >= MOST) return;
    told.set(line, at);
    report(line);
  };
}
