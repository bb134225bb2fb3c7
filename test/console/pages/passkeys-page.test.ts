/** Passkeys in a real browser, with the authenticator that it plays itself: made, used for one answer, and removed. */

import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../../src/home.ts';
import { apiToken, ask } from '../../support/api-posts.ts';
import { type Chromium, type DevTools, noChromium, openChromium, type Page } from '../../support/chromium.ts';
import { until } from '../../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../../support/gateway.ts';
import { enrolPerson } from '../../support/person.ts';
import { legacyCall, post, textOf } from '../../support/posts.ts';
import { recordingServer } from '../../support/recording-server.ts';

const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;
const SLOW = 120_000;
/** The folder of the pictures in docs, where they are to be made anew. */
const SHOTS = process.env['SCREENSHOTS'] === undefined ? undefined : join(import.meta.dirname, '../../../docs/images');

describe.skipIf(noChromium !== undefined)(`passkeys, ${about},`, () => {
  const folder = temporaryFolder();
  let gateway: RunningGateway;
  let chromium: Chromium;
  let page: Page;
  let tools: DevTools;
  let authenticator: string;
  let origin: string;
  const said: string[] = [];
  let calls = 0;

  beforeAll(async () => {
    await enrolPerson(homeOf(environmentOf(folder)), userInfo().username);
    gateway = await startGateway(
      `version: 1
profile: p
who: local
servers: { rough: ${recordingServer(folder).yaml} }
tools:
  rough.other: { effect: write, approval: { reason: Look., proof: passkey } }
  rough.rough: { effect: write, approval: { reason: Look twice., proof: both } }
`,
      { folder },
    );
    origin = `http://localhost:${gateway.port}`;
    chromium = await openChromium();
    page = await chromium.newPage();
    page.on('console', (message) => said.push(message.text()));
    tools = await page.context().newCDPSession(page);
    await tools.send('WebAuthn.enable');
    const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true };
    ({ authenticatorId: authenticator } = await tools.send<{ authenticatorId: string }>(
      'WebAuthn.addVirtualAuthenticator',
      { options: { ...options, isUserVerified: true, automaticPresenceSimulation: true } },
    ));
    const { stdout } = await gateway.command('open');
    await page.goto(stdout.trim());
  }, SLOW);
  afterAll(async () => {
    await chromium?.close();
    await gateway?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function held(tool: string): Promise<{ readonly hold: string; readonly answer: Promise<string> }> {
    calls += 1;
    const mark = `call ${calls}`;
    const answer = post({ url: gateway.url, token: gateway.token ?? '' }, legacyCall(tool, { do: 'echo', mark })).then(
      textOf,
    );
    answer.catch(() => undefined);
    let hold = '';
    await until(async () => {
      const { body } = await ask(gateway, '/api/holds', { token: apiToken(gateway) });
      const holds = body['holds'] as { id: string; arguments: { mark: string } }[];
      hold = holds.find((one) => one.arguments.mark === mark)?.id ?? '';
      return hold !== '';
    });
    return { hold, answer };
  }
  /** A page that goes on by itself interrupts whoever goes elsewhere. */
  const visit = (url: string) =>
    until(() =>
      page.goto(url).then(
        () => true,
        () => false,
      ),
    );
  const stateOf = async (hold: string) =>
    (await ask(gateway, `/api/holds/${hold}`, { token: apiToken(gateway) })).body['state'];

  test('the link leads to the name, where passkeys work', () => {
    expect(page.url()).toBe(`${origin}/`);
  });

  test('one is made with the passphrase, and a wrong one makes none', async () => {
    await visit(`${origin}/passkeys`);
    const button = page.locator('form[data-passkey=enrol] button.primary');
    await page.locator('#label').fill('<b>My laptop</b>');
    await page.locator('#passphrase').fill('wrong horse');
    await button.click();
    expect(await page.locator('.told[role=alert]').textContent()).toBe('The passphrase is wrong.');
    await page.locator('#passphrase').fill('correct horse');
    await button.click();
    await until(async () => (await page.locator('.passkey-card').count()) === 1);
    expect(await page.locator('.passkey-card h2').textContent()).toBe('<b>My laptop</b>');
  });

  test('it approves a call, once its user is verified', async () => {
    const { hold, answer } = await held('rough__other');
    await visit(`${origin}/holds/${hold}`);
    const button = page.locator('#approve button.passkey');
    await tools.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: false });
    await button.click();
    await until(async () => (await page.locator('#approve .told[role=alert]').count()) === 1);
    expect(await stateOf(hold)).toBe('open');
    await tools.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: true });
    await button.click();
    expect(await answer).toBe('ok');
    expect(await stateOf(hold)).toBe('used');
  });

  test('with a passphrase beside it, where both are asked for', async () => {
    const { hold, answer } = await held('rough__rough');
    await visit(`${origin}/holds/${hold}`);
    await page.locator('#approve-passphrase').fill('wrong horse');
    await page.locator('#approve button.passkey').click();
    await until(async () => (await page.locator('#approve .told[role=alert]').count()) === 1);
    expect(await stateOf(hold)).toBe('open');
    await page.locator('#approve-passphrase').fill('correct horse');
    await page.locator('#approve button.passkey').click();
    expect(await answer).toBe('ok');
  });

  test('its page is accessible, and stays within a phone, light and dark', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const { hold } = await held('rough__rough');
    for (const [path, name] of [
      ['/passkeys', 'passkeys'],
      [`/holds/${hold}`, 'passkey-and-passphrase'],
    ] as const) {
      await visit(`${origin}${path}`);
      await until(async () => (await page.locator('button.passkey').count()) > 0);
      await page.evaluate(axe);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of [390, 1200]) {
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
          expect(await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))')).toEqual([]);
          if (SHOTS !== undefined && width === 1200)
            await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`) });
        }
      }
    }
  });

  test('it is removed, and nothing was refused by the page’s own rules', async () => {
    await visit(`${origin}/passkeys`);
    await page.locator('.passkey-card summary').click();
    await page.locator('.passkey-card button.passkey').click();
    await until(async () => (await page.locator('.passkey-card').count()) === 0);
    expect(said.filter((line) => /Content Security Policy|Uncaught/i.test(line))).toEqual([]);
  });
});
