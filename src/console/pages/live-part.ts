import { html } from 'hono/html';
import type { Html } from './sheet.ts';

/**
 * The part of a page that is fetched anew whenever `/live` says that something changed; one a page. What it holds is morphed: an element
 * with an `id` stays the same one, and nothing below `hx-morph-skip` is touched. `path`: the page's own.
 */
export const livePart = (path: string, body: Html): Html =>
  html`<div id="live" hx-get="${path}" hx-select="#live" hx-swap="outerMorph" hx-trigger="news from:body">${body}</div>`;
