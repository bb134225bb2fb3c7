/** The few files that pages need beside themselves, read once: nothing comes from elsewhere, and no path is made of what is asked for. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Express } from 'express';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const own = (name: string): string => `${import.meta.dirname}/../assets/${name}`;
/** Later ones say more of what earlier ones laid down; what is narrow comes last. */
const STYLES = ['ground', 'components', 'inbox', 'hold', 'matters', 'records', 'phone'].map((part) =>
  own(`style/${part}.css`),
);
const library = createRequire(import.meta.url).resolve;

/** By the name that follows `/assets/`. */
const FILES = {
  'style.css': { path: STYLES, type: STYLE },
  'icon.svg': { path: own('icon.svg'), type: 'image/svg+xml' },
  'console.js': { path: own('console.js'), type: SCRIPT },
  'push.js': { path: own('push.js'), type: SCRIPT },
  'push-worker.js': { path: own('push-worker.js'), type: SCRIPT },
  'htmx.js': { path: library('htmx.org/dist/htmx.min.js'), type: SCRIPT },
  'passkey.js': { path: own('passkey.js'), type: SCRIPT },
  'webauthn.js': {
    path: `${dirname(library('@simplewebauthn/browser'))}/../dist/bundle/index.umd.min.js`,
    type: SCRIPT,
  },
  'hx-sse.js': { path: library('htmx.org/dist/ext/hx-sse.min.js'), type: SCRIPT },
} as const;
export type Asset = keyof typeof FILES;

const contentOf = (path: string | readonly string[]): Buffer =>
  Buffer.concat([path].flat().map((one) => readFileSync(one)));

const contents = Object.entries(FILES).map(([name, { path, type }]) => ({ name, type, content: contentOf(path) }));

const addresses = new Map(
  contents.map(({ name, content }) => [name, `/assets/${name}?${hash('sha256', content, 'base64url').slice(0, 12)}`]),
);

/** Where a browser finds it: with its digest, so that what is kept by the browser is never an older one. */
export const assetAt = (name: Asset): string => addresses.get(name) ?? '';

/** For everybody: they say nothing of anybody. */
export function assets(app: Express): void {
  for (const { name, type, content } of contents)
    app.get(`/assets/${name}`, (_, response) => {
      response.set({ 'cache-control': 'public, max-age=604800, immutable', 'content-type': type }).send(content);
    });
}
