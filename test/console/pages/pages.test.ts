/** The page as a person sees it: a real login in a real browser, and what strangers wrote stays text. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiToken, ask } from '../../support/api-posts.ts';
import { type Chromium, noChromium, openChromium, type Page } from '../../support/chromium.ts';
import { temporaryFolder } from '../../support/gateway.ts';
import { FIRST, openPeoplesGateway, type PeoplesGateway, signedInAs } from '../../support/people.ts';

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
    expect(await page.locator('.row').count()).toBe(2);
    const inbox = await page.locator('body').textContent();
    for (const shown of ['rough.other', 'Look.', 'do: echo']) expect(inbox).toContain(shown);
    await page.goto(`${here.origin}/sessions`);
    expect(await page.locator('#sessions > li').count()).toBe(2);
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
    const evaluated =
      'new Promise((done) => { setTimeout("window.ran = true"); setTimeout(() => done(window.ran === true)); })';
    expect(await page.evaluate(evaluated)).toBe(false);
  });

  test('what an approver writes to a denial there is what the agent reads', async () => {
    const browser = await signedInAs(here, 'bob');
    const asked = await browser.send('/api/approvers', { passphrase: 'a passphrase of its own' });
    const { name, kid } = asked.body;
    const body = { kid, passphrase: FIRST.passphrase };
    const token = apiToken(here.gateway);
    expect((await ask(here.gateway, `/api/approvers/${name}/accept`, { token, body })).status).toBe(200);
    const { hold, answer } = await here.held('grace');
    await page.goto(`${here.origin}/holds/${hold}`);
    await page.keyboard.press('d');
    await page.keyboard.type('Ask the customer first.');
    await page.locator('#deny-passphrase').fill('a passphrase of its own');
    await page.keyboard.press('Enter');
    await page.locator('.state.bad').waitFor();
    expect(await answer).toContain('Ask the customer first.');
  });

  test('signs out with its button, and the way back does not show it again', async () => {
    await page.goto(`${here.origin}/`);
    await page.locator('.top button').click();
    await page.waitForURL(`${here.origin}/`);
    expect(await page.locator('body').textContent()).toContain('You are not signed in.');
    expect(await page.locator('#who').count()).toBe(0);
  });
});
