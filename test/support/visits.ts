/** People at the console of a desk, each with a browser of their own. */
import type { Hold } from '../../src/domain/hold.ts';
import { type Chromium, openChromium, type Page } from './chromium.ts';
import { type Desk, PASSPHRASE } from './desk.ts';
import { until } from './downstream.ts';

type Coming = Parameters<Desk['comesIn']> extends [string, ...infer More] ? More : never;

export interface Visits {
  readonly chromium: Chromium;
  /** What browsers complained about, on whatever page. */
  readonly complaints: readonly string[];
  /** Comes in as somebody, and goes on to a path. */
  enter(who: string, path: string, ...more: Coming): Promise<Page>;
  /** Likewise, without a script. */
  enterPlain(who: string, path: string): Promise<Page>;
}

export async function openVisits(desk: Desk): Promise<Visits> {
  const chromium = await openChromium();
  const complaints: string[] = [];
  const enter = async (page: Page, who: string, path: string, ...more: Coming): Promise<Page> => {
    page.on('console', (message) => {
      if (/violates|refused to|unsafe-eval/i.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(desk.comesIn(who, ...more));
    await page.goto(`${desk.origin}${path}`);
    return page;
  };
  return {
    chromium,
    complaints,
    enter: async (...coming) => enter(await chromium.newPage(), ...coming),
    enterPlain: async (...coming) => enter(await chromium.newPage({ javaScriptEnabled: false }), ...coming),
  };
}

export const pathOf = ({ id }: Hold): string => `/holds/${id}`;

/** What stands there, with each run of blanks as one. */
export const textOf = async (page: Page, selector = 'main'): Promise<string> =>
  ((await page.locator(selector).textContent()) ?? '').replaceAll(/\s+/g, ' ');

export const shows = (page: Page, words: string): Promise<unknown> =>
  until(async () => (await textOf(page)).includes(words));

/** Fills a form of a hold's page, and sends it. */
export async function answer(
  page: Page,
  verdict: 'approve' | 'deny',
  because: string,
  passphrase = PASSPHRASE,
): Promise<void> {
  if (verdict === 'deny' && (await page.locator('#deny[open]').count()) === 0)
    await page.locator('#deny summary').click();
  await page.locator(`#${verdict}-because`).fill(because);
  await page.locator(`#${verdict}-passphrase`).fill(passphrase);
  await page.locator(`#${verdict} button`).click();
}
