import { html } from 'hono/html';
import type { Html } from './sheet.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time as people say it, in its largest unit: `40 s`, `7 min`, `3 h`, `2 days`. In milliseconds. */
export function span(length: number): string {
  const past = Math.max(0, length);
  if (past < MINUTE) return `${Math.round(past / SECOND)} s`;
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min`;
  return past < 2 * DAY ? `${Math.floor(past / HOUR)} h` : `${Math.floor(past / DAY)} days`;
}

/** How long ago something was, with the exact time behind it. */
export const ago = (then: number, at: number): Html =>
  html`<time datetime="${new Date(then).toISOString()}" title="${new Date(then).toISOString()}">${span(at - then)} ago</time>`;
