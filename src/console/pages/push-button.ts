/** "Tell me in this browser": for any page. Its script shows it where both the browser and the gateway can. */
import { html } from 'hono/html';
import type { ApiCaller } from '../../domain/person.ts';
import { mayBy } from '../../domain/role.ts';
import { assetAt } from './assets.ts';
import type { Html } from './sheet.ts';

/** Nothing for who may answer nothing: who came by a link only looks. */
export const pushButton = ({ person }: ApiCaller): Html | '' => {
  const { roles = [], looksOnly = true } = person ?? {};
  if (looksOnly || !(mayBy(roles, 'answer holds') || mayBy(roles, 'extend budgets'))) return '';
  return html`<p class="quiet" data-push="${assetAt('push-worker.js')}" hidden><button type="button" class="plain"></button> <span role="status"></span></p>`;
};
