/** Debian's Chromium, driven by the Playwright that comes with the browser server of the tests. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const CHROMIUM = '/usr/bin/chromium';

/** Why pages cannot be looked at on this machine; undefined where they can. */
export const noChromium = existsSync(CHROMIUM) ? undefined : `no browser at ${CHROMIUM}`;

interface Locator {
  textContent(): Promise<string | null>;
  inputValue(): Promise<string>;
  click(): Promise<void>;
  fill(text: string): Promise<void>;
  count(): Promise<number>;
  /** Until it is there and seen. */
  waitFor(): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  locator(selector: string): Locator;
  url(): string;
  evaluate<T>(script: string): Promise<T>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  emulateMedia(media: { readonly colorScheme: 'light' | 'dark' }): Promise<void>;
  screenshot(options?: { readonly path?: string; readonly fullPage?: boolean }): Promise<Buffer>;
  on(event: 'console', heard: (message: { text(): string; type(): string }) => void): void;
  on(event: 'pageerror', heard: (error: Error) => void): void;
  waitForURL(url: string): Promise<void>;
  addScriptTag(script: { readonly path: string }): Promise<unknown>;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
  close(): Promise<void>;
}

export interface Chromium {
  /** Each in a context of its own: it shares no cookie with another. */
  newPage(options?: { readonly bypassCSP?: boolean }): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Chromium> };
}

export function openChromium(): Promise<Chromium> {
  const fromHere = createRequire(import.meta.url);
  const fromServer = createRequire(fromHere.resolve('@playwright/mcp/package.json'));
  const { chromium } = fromServer('playwright-core') as Playwright;
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}
