/** How sessions are told of on every page that tells of them. */
import { html } from 'hono/html';
import { LOCAL, type Principal } from '../../domain/principal.ts';
import { printable } from '../../domain/printable.ts';
import { isOver, type SessionStanding, shownState } from '../../domain/session.ts';
import type { Html } from './sheet.ts';

/** Its state, as a tag. */
export function stateTag(standing: SessionStanding): Html {
  const state = shownState(standing);
  const look = state === 'running' ? 'good' : state === 'created' || isOver(standing.session) ? '' : 'warn';
  return html`<span class="tag ${look}">${state.replace('_', ' ')}</span>`;
}

/** Whose it is. */
export const whose = ({ issuer, subject, client, tenant }: Principal): Html =>
  issuer === LOCAL
    ? html`${printable(subject)}`
    : html`${printable(subject)} <span class="quiet">by ${printable(client)}, tenant ${printable(tenant)}</span>`;

/** What it has touched; nothing where that is nothing. */
export const labelTags = (labels: readonly string[]): Html | '' =>
  labels.length === 0 ? '' : html`${labels.map((label) => html`<span class="tag">${printable(label)}</span> `)}`;
