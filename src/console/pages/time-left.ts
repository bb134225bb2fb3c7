import { html } from 'hono/html';
import type { Html } from './sheet.ts';

/** `02:31`, `3:59:08`, `2 days`: what is left of a length in milliseconds. */
function clock(length: number): string {
  const seconds = Math.max(0, Math.ceil(length / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  const tail = `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** How long until then; the script counts it down by how long ago it came, whatever the browser's clock says, and fetches anew at its end. */
export const timeLeft = (until: number, at: number): Html =>
  html`<time class="left" datetime="${new Date(until).toISOString()}" data-left="${until - at}">${clock(until - at)}</time>`;
