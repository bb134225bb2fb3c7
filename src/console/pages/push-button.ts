/** "Tell me in this browser": for any page. Its script shows it where both the browser and the gateway can. */
import { html } from 'hono/html';
import { assetAt } from './assets.ts';
import type { Html } from './sheet.ts';

export const pushButton = (): Html =>
  html`<p class="quiet" data-push="${assetAt('push-worker.js')}" hidden><button type="button" class="plain"></button> <span role="status"></span></p>
<script src="${assetAt('push.js')}" type="module"></script>`;
