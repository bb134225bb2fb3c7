/** The page as a person sees it: a real login in a real browser, and what strangers wrote stays text. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chromium, noChromium, openChromium, type Page } from '../../support/chromium.ts';
import { temporaryFolder } from '../../support/gateway.ts';
import { openPeoplesGateway, type PeoplesGateway } from '../../support/people.ts';

const EVIL = '<img src=x onerror=alert(1)>"\u202e\u200b';
const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;

describe.skipIf(noChromium !== undefined)(`the page, ${about},`, () => {
  const folder = temporaryFolder();
  let here: PeoplesGateway;
  let chromium: Chromium;
  let page: Page;
  const said: string[] = [];

  beforeAll(async () => {
    here = await openPeoplesGateway({
      folder,
      people: { bob: { org: 'acme', groups: ['leads'] } },
      identity: 'roles: { approver: [group:leads] }',
    });
    await here.held(EVIL, { client_id: EVIL });
    await here.held('ada');
    await here.held('zoe', { org: 'zeta' });
    chromium = await openChromium();
    page = await chromium.newPage();
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${here.origin}/`);
    await page.locator('a.button').click();
    await page.locator('input[name=login]').fill('bob');
    await page.locator('button').click();
    await page.waitForURL(`${here.origin}/`);
  });
  afterAll(async () => {
    await chromium?.close();
    await here?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('says who is signed in with which roles, and shows what of the tenant there is and waits', async () => {
    expect(await page.locator('#who').textContent()).toBe('bob');
    expect(await page.locator('#roles').textContent()).toBe('approver');
    expect(await page.locator('article').count()).toBe(2);
    const inbox = await page.locator('body').textContent();
    for (const shown of ['rough.other', 'Look.', 'POST /api/holds/h_']) expect(inbox).toContain(shown);
    await page.goto(`${here.origin}/sessions`);
    expect(await page.locator('#sessions tr').count()).toBe(3);
    const sessions = await page.locator('body').textContent();
    expect(sessions).toContain('awaiting approval');
    for (const text of [inbox, sessions]) expect(text).not.toContain('zoe');
  });

  test('shows what strangers wrote as text, with what is hidden in it', async () => {
    expect(await page.locator('img').count()).toBe(0);
    const text = await page.locator('body').textContent();
    expect(text).toContain('<img src=x onerror=alert(1)>"\\u{202e}\\u{200b}');
    expect(text).not.toMatch(/[\u202e\u200b]/);
  });

  test('is as its policy wants it: styled, with our scripts, in no frame, and without eval', async () => {
    expect(await page.evaluate('getComputedStyle(document.querySelector("main")).maxWidth')).toBe('1088px');
    expect(await page.evaluate('typeof htmx.process')).toBe('function');
    expect(said.filter((line) => /refused|violates/i.test(line))).toEqual([]);
    const frame = `new Promise((done) => { const frame = document.createElement('iframe'); frame.onload = () => {
      let seen; try { seen = frame.contentDocument?.body?.textContent ?? 'closed'; } catch { seen = 'closed'; } done(seen); };
      frame.src = '/'; document.body.append(frame); })`;
    expect(await page.evaluate(frame)).not.toContain('bob');
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test.each(['light', 'dark'] as const)('fits a phone and a desk, %s', async (colorScheme) => {
    await page.goto(`${here.origin}/`);
    await page.emulateMedia({ colorScheme });
    const shots = process.env['SCREENSHOTS'];
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const path = shots === undefined ? {} : { path: join(shots, `front-${colorScheme}-${width}.png`) };
      expect((await page.screenshot({ ...path, fullPage: true })).length).toBeGreaterThan(1000);
    }
    const ink = await page.evaluate<string>('getComputedStyle(document.body).color');
    expect(ink).toBe(colorScheme === 'dark' ? 'rgb(236, 236, 239)' : 'rgb(27, 28, 31)');
  });

  test('signs out with its button, and the way back does not show it again', async () => {
    await page.goto(`${here.origin}/`);
    await page.locator('.top button').click();
    await page.waitForURL(`${here.origin}/`);
    expect(await page.locator('body').textContent()).toContain('You are not signed in.');
    expect(await page.locator('#who').count()).toBe(0);
  });
});
