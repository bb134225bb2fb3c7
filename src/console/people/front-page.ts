/** The one page for people: who is signed in, what their roles are, the sessions of their tenant and what waits. No script. */
import { hash } from 'node:crypto';
import type { Hold } from '../../domain/hold.ts';
import type { ApiCaller } from '../../domain/person.ts';
import { LOCAL } from '../../domain/principal.ts';
import { printable } from '../../domain/printable.ts';
import { type SessionStanding, shownState } from '../../domain/session.ts';
import { Html, html } from './html.ts';

const STYLE = `:root{color-scheme:light dark;--line:#8884;--soft:#8881;--quiet:light-dark(#666,#aaa);--warn:light-dark(#9a5b00,#f0b45c)}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.25rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;border-bottom:1px solid var(--line);padding-bottom:.75rem}
h1{font-size:1.1rem;margin:0 auto 0 0}h2{font-size:1rem;margin:2rem 0 .5rem}
p{margin:.5rem 0}.quiet{color:var(--quiet)}.warn{color:var(--warn)}
code,pre,td.id{font:13px/1.45 ui-monospace,monospace}
code{overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
td.name{white-space:normal;overflow-wrap:anywhere;min-width:7rem}
th{font-weight:600;color:var(--quiet)}
article{border:1px solid var(--line);border-radius:6px;padding:.6rem .9rem;margin:.6rem 0}
pre{margin:.5rem 0 0;padding:.6rem;background:var(--soft);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere}
button,a.button{font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:4px;padding:.2rem .8rem;cursor:pointer;text-decoration:none}
form{display:inline}`;

/** No script, nothing from elsewhere, in no frame; forms come here alone. */
export const frontPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const document = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${new Html(STYLE)}</style></head>
<body>
${body}
</body>
</html>
`.text;

export interface Front {
  readonly caller: ApiCaller;
  readonly csrf: string;
  /** Those that the person may see, the newest first. */
  readonly sessions: readonly SessionStanding[];
  /** Likewise; undefined: not for this person. */
  readonly holds: readonly Hold[] | undefined;
  readonly at: number;
}

/** As many sessions as a page bears; the API has the others. */
const MOST = 100;

export function frontPage({ caller, csrf, sessions, holds, at }: Front): string {
  const { principal, person } = caller;
  const shown = sessions.slice(0, MOST);
  return document(
    'Tollgate',
    html`<header>
<h1>Tollgate</h1>
<span id="who">${printable(principal.subject)}</span>
<span class="quiet">${principal.issuer === LOCAL ? 'at this machine' : `${principal.issuer}, tenant ${printable(principal.tenant)}`}</span>
<span id="roles">${person?.roles.length ? person.roles.join(', ') : 'no role'}</span>
<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="${csrf}"><button>Sign out</button></form>
</header>
${person?.looksOnly ? html`<p class="warn">You came by a link: you look, and change nothing.</p>` : ''}
${person?.roles.length ? '' : html`<p class="warn">You have no role here, so there is nothing to see. Whoever runs Tollgate gives roles in gateway.yaml.</p>`}
${holds === undefined ? '' : holdsPart(holds, at)}
<h2>Sessions</h2>
${shown.length === 0 ? html`<p class="quiet">None.</p>` : sessionTable(shown, at)}
${sessions.length > shown.length ? html`<p class="quiet">The newest ${MOST} of ${sessions.length}; <code>GET /api/sessions</code> has all.</p>` : ''}`,
  );
}

const sessionTable = (sessions: readonly SessionStanding[], at: number): Html =>
  html`<div class="wide"><table id="sessions">
<tr><th>session</th><th>state</th><th>profile</th><th>subject</th><th>client</th><th>open holds</th><th>last call</th></tr>
${sessions.map(
  (
    one,
  ) => html`<tr><td class="id">${one.session.id}</td><td>${shownState(one).replace('_', ' ')}</td><td>${one.session.profile}</td><td class="name">${printable(one.session.principal.subject)}</td><td class="name">${printable(one.session.principal.client)}</td><td>${one.awaiting || ''}</td><td>${since(one.touchedAt, at)}</td></tr>
`,
)}</table></div>`;

const holdsPart = (holds: readonly Hold[], at: number): Html =>
  html`<h2>Waiting for a person</h2>
${holds.length === 0 ? html`<p class="quiet">Nothing.</p>` : holds.slice(0, MOST).map((one) => holdPart(one, at))}`;

/** Everything in it is a stranger's: hidden characters are shown as their code points. */
const holdPart = (hold: Hold, at: number): Html =>
  html`<article>
<div><strong>${printable(hold.target)}</strong> <span class="${hold.effect === 'irreversible' ? 'warn' : 'quiet'}">${hold.effect}</span> <span class="quiet">· asked ${since(hold.placedAt, at)} by ${printable(hold.principal.subject)}, session <code>${hold.session}</code></span></div>
${hold.needs.map(({ rule, reason }) => html`<div>${printable(reason ?? 'the rule asks for it')} <span class="quiet">${printable(rule)}</span></div>`)}
<pre>${printable(JSON.stringify(hold.effective))}</pre>
${hold.agentReason === undefined ? '' : html`<div class="quiet">the agent says, unverified: ${printable(JSON.stringify(hold.agentReason))}</div>`}
<div class="quiet"><code>${hold.principal.issuer === LOCAL ? `tollgate approve ${hold.id}` : `POST /api/holds/${hold.id}/approve`}</code></div>
</article>`;

const since = (then: number, at: number): string => {
  const seconds = Math.max(0, Math.round((at - then) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86_400)} days ago`;
};

/** For who is not signed in, or could not be: how to come in. */
export const doorPage = (words: string, mayLogIn: boolean): string =>
  document(
    'Tollgate',
    html`<header><h1>Tollgate</h1></header>
<p>${words}</p>
<p>${mayLogIn ? html`<a class="button" href="/sign-in">Sign in</a>` : html`At this machine, <code>tollgate open</code> prints a link.`}</p>`,
  );
