/** The document around every page: the header with its places, who is signed in, and what makes the page live. No inline script or style. */
import type { RequestHandler } from 'express';
import { html } from 'hono/html';
import type { ApiCaller } from '../../domain/person.ts';
import { LOCAL } from '../../domain/principal.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy } from '../../domain/role.ts';
import { assetAt } from './assets.ts';
import { type Html, PLACES, type Sheet } from './sheet.ts';

/** No eval, nothing inline, nothing from elsewhere, in no frame; forms come here alone. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers of every page. */
export const looking: RequestHandler = (_, response, next) => {
  // Not `no-referrer`: with it browsers send the Origin `null` along with a form.
  response.set({ 'content-security-policy': POLICY, 'referrer-policy': 'same-origin' }).type('html');
  next();
};

/** Extensions are those named; no address of a stranger is fetched, and nothing is kept of pages that were left. */
const HTMX = JSON.stringify({
  extensions: 'sse',
  prefix: '',
  history: false,
  includeIndicatorCSS: false,
  noSwap: ['204', '304', '4xx', '5xx'],
});

const document = (title: string, live: string, page: Html): string => {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="htmx-config" content="${HTMX}">
<title>${title}</title>
<link rel="stylesheet" href="${assetAt('style.css')}">
<link rel="icon" href="${assetAt('icon.svg')}">
<script src="${assetAt('htmx.js')}" defer></script>
<script src="${assetAt('hx-sse.js')}" defer></script>
<script src="${assetAt('console.js')}" type="module"></script>
<script src="${assetAt('webauthn.js')}" defer></script>
<script src="${assetAt('passkey.js')}" type="module"></script>
<script src="${assetAt('push.js')}" type="module"></script>
</head>
${live === '' ? html`<body>` : html`<body hx-sse:connect="${live}">`}
${page}
</body>
</html>
`;
  if (whole instanceof Promise)
    throw new TypeError('a page is made of what is known already: await before the template');
  return String(whole);
};

/** A page for who is signed in. */
export function pageOf({ title, place, live = [], body }: Sheet, caller: ApiCaller, csrf: string): string {
  const query = new URLSearchParams(live.map((topic): [string, string] => ['of', topic]));
  return document(
    `${title} · Tollgate`,
    live.length === 0 ? '' : `/live?${query}`,
    html`<a class="skip" href="#main">To the content</a>
<header class="top">
<a class="brand" href="/">Tollgate</a>
<nav aria-label="Places">${Object.entries(PLACES).map(([name, path]) =>
      name === place ? html`<a href="${path}" aria-current="page">${name}</a>` : html`<a href="${path}">${name}</a>`,
    )}</nav>
${whoIs(caller)}
<form method="post" action="/sign-out">${csrfField(csrf)}<button class="plain">Sign out</button></form>
</header>
<main id="main" tabindex="-1">
${caller.person?.looksOnly ? html`<p class="notice warn">You came by a link: you look, and answer holds with a proof each time.</p>` : ''}
${caller.person?.roles.length ? '' : html`<p class="notice warn">You have no role here, so there is nothing to see. Whoever runs Tollgate gives roles in <code>gateway.yaml</code>.</p>`}
${body}
</main>`,
  );
}

const whoIs = ({ principal, person }: ApiCaller): Html =>
  html`<div class="who"><span id="who">${printable(principal.subject)}</span> <span class="quiet"><span id="roles">${person?.roles.length ? person.roles.join(', ') : 'no role'}</span> · ${principal.issuer === LOCAL ? 'at this machine' : `${principal.issuer}, tenant ${printable(principal.tenant)}`}</span>${mayBy(person?.roles ?? [], 'enrol approvers') ? html` <a href="/passkeys">passkeys</a>` : ''}</div>`;

/** What every form has in it. */
export const csrfField = (csrf: string): Html => html`<input type="hidden" name="csrf" value="${csrf}">`;

/** For who is not signed in, or could not be: how to come in, and go on to that path. */
export const doorPage = (words: string, mayLogIn: boolean, to = '/'): string =>
  document(
    'Tollgate',
    '',
    html`<main id="main" class="door">
<h1 class="brand">Tollgate</h1>
<p>${words}</p>
<p>${mayLogIn ? html`<a class="button primary" href="/sign-in?to=${to}">Sign in</a>` : html`At this machine, <code>tollgate open</code> prints a link.`}</p>
</main>`,
  );
