import { html } from 'hono/html';
import type { Problem } from '../problem.ts';
import type { Sheet } from './sheet.ts';

const TITLES: Readonly<Partial<Record<Problem['status'], string>>> = { 403: 'Not for you', 404: 'Nothing here' };

/** A page that says no more than why there is none. */
export const problemSheet = ({ status, detail }: Problem): Sheet => ({
  status: status === 400 || status === 404 || status === 409 || status === 429 ? status : 403,
  title: TITLES[status] ?? 'Not done',
  place: 'Inbox',
  body: html`<h1>${TITLES[status] ?? 'Not done'}</h1>
<p role="alert">${detail}.</p>
<p><a href="/">To the inbox</a></p>`,
});
