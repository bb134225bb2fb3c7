/** Unknown outcomes and changed tools on their pages: a real login in a real browser, over a real gateway whose server dies and lies. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approverKey } from '../../../src/console/hold-shapes.ts';
import { apiToken, ask } from '../../support/api-posts.ts';
import { type Chromium, noChromium, openChromium, type Page } from '../../support/chromium.ts';
import { until } from '../../support/downstream.ts';
import { temporaryFolder } from '../../support/gateway.ts';
import { FIRST, MCP, openPeoplesGateway, type PeoplesGateway, signedInAs } from '../../support/people.ts';
import { legacyCall, post, textOf } from '../../support/posts.ts';
import { recordingServer } from '../../support/recording-server.ts';

const EVIL = '<img src=x onerror=alert(1)>"\u202e\u200b';
const PASSPHRASE = 'a passphrase of its own';
const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;
const LONG = { timeout: 120_000 };

describe.skipIf(noChromium !== undefined)(`matters, ${about},`, () => {
  const folder = temporaryFolder();
  const description = join(folder, 'description');
  const server = recordingServer(folder, 'rough-stdio.ts', { LIST: description });
  let here: PeoplesGateway;
  let chromium: Chromium;
  let page: Page;
  const said: string[] = [];

  const call = async (name: string, given: object): Promise<string> => {
    const token = await here.server.token({ aud: MCP, sub: 'ada' });
    return textOf(await post({ url: here.gateway.url, token }, legacyCall(name, { ...given })));
  };

  beforeAll(async () => {
    writeFileSync(description, 'Sends a letter to Ada, who works here.');
    here = await openPeoplesGateway({
      folder,
      people: { bob: { groups: ['platform'] } },
      identity: 'roles: { operator: [group:platform] }',
      oneTenant: true,
      pinned: server,
      tools: 'tools: { rough.rough: { effect: read }, rough.other: { effect: irreversible } }',
    });
    const asked = await (await signedInAs(here, 'bob')).send('/api/approvers', { passphrase: PASSPHRASE });
    const { name, kid } = approverKey.parse(asked.body);
    const token = apiToken(here.gateway);
    await ask(here.gateway, `/api/approvers/${name}/accept`, { token, body: { kid, passphrase: FIRST.passphrase } });
    expect(await call('rough__other', { do: 'exit', to: EVIL, amount: 250, note: 'Thank you.' })).toMatch(/^UNKNOWN/);
    chromium = await openChromium();
    page = await chromium.newPage({ bypassCSP: true });
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(`${here.origin}/`);
    await page.locator('a.button').click();
    await page.locator('input[name=login]').fill('bob');
    await page.locator('button').click();
    await page.waitForURL(`${here.origin}/`);
  }, 180_000);
  afterAll(async () => {
    await chromium?.close();
    await here?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const text = async (): Promise<string> => (await page.locator('main').textContent()) ?? '';

  /** What is wrong with the page for who cannot see it, and whether it is wider than a phone. */
  async function faults(): Promise<readonly string[]> {
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
    const found = await page.evaluate<readonly string[]>(
      'axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))',
    );
    await page.setViewportSize({ width: 390, height: 844 });
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    await page.setViewportSize({ width: 1280, height: 800 });
    return over > 0 ? [...found, `wider than a phone by ${over} px`] : found;
  }

  /** For docs, where it is asked for. */
  async function shoot(name: string): Promise<void> {
    if (process.env['SCREENSHOTS'] === undefined) return;
    await page.screenshot({ path: join(import.meta.dirname, `../../../docs/images/${name}.png`) });
  }

  test(
    'an unknown outcome waits in the inbox, is shown with what was sent as text, and is settled there',
    LONG,
    async () => {
      expect(await text()).toContain('It was sent, and no answer came: was it done?');
      await page.locator('.row a[href^="/outcomes/"]').click();
      await page.locator('#answer-open').waitFor();
      const shown = await text();
      for (const words of [
        'rough.other',
        'irreversible',
        'outcome unknown',
        '<img src=x onerror=alert(1)>',
        'exit code 7',
      ])
        expect(shown).toContain(words);
      expect(shown).not.toMatch(/[\u202e\u200b]/);
      expect(await page.locator('main img').count()).toBe(0);
      expect(await faults()).toEqual([]);
      await shoot('outcome');
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await faults()).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });

      await page.locator('input[value=not_executed]').click();
      await page.locator('#why').fill(`The outbox was empty. ${EVIL}`);
      await page.locator('#passphrase').fill('not it');
      await page.locator('button.primary').click();
      await page.locator('[role=alert]').waitFor();
      expect(await page.locator('[role=alert]').textContent()).toBe('Not taken: The passphrase is wrong.');
      expect(await page.locator('#why').inputValue()).toContain('The outbox was empty.');
      expect(await page.locator('#passphrase').inputValue()).toBe('');
      expect(await page.locator('input[value=not_executed]:checked').count()).toBe(1);
      await page.locator('#passphrase').fill(PASSPHRASE);
      await page.locator('button.primary').click();
      await page.locator('#answer-closed').waitFor();
      expect(await text()).toContain('found out that it was not executed');
      expect(await page.locator('main img').count()).toBe(0);
      expect(await faults()).toEqual([]);
      await page.goto(`${here.origin}/`);
      expect(await text()).not.toContain('Other matters');
    },
  );

  test(
    'a changed tool is in quarantine, its words are shown struck out and underlined, and it is accepted there',
    LONG,
    async () => {
      writeFileSync(description, `Sends a letter to Eve, who works elsewhere. ${EVIL}`);
      expect(await call('rough__other', { do: 'tell-change' })).toBe('told');
      await until(async () => (await call('rough__rough', { do: 'echo' })).startsWith('CHANGED'));
      await page.goto(`${here.origin}/`);
      expect(await text()).toContain('1 in quarantine');
      await page.goto(`${here.origin}/policies`);
      expect(await text()).toContain('rough: rough');
      expect(await faults()).toEqual([]);
      await page.locator('.row a').click();
      await page.locator('button.primary').waitFor();
      expect(await page.locator('del').count()).toBeGreaterThan(0);
      expect(await page.locator('ins').count()).toBeGreaterThan(0);
      const shown = await text();
      for (const words of ['tool rough.rough', '<img src=x onerror=alert(1)>', 'profile: desk'])
        expect(shown).toContain(words);
      expect(shown).not.toMatch(/[\u202e\u200b]/);
      expect(await page.locator('main img').count()).toBe(0);
      expect(await faults()).toEqual([]);
      await shoot('policy');
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await faults()).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });

      await page.locator('#passphrase').fill('not it');
      await page.locator('button.primary').click();
      await page.locator('[role=alert]').waitFor();
      expect(await page.locator('[role=alert]').textContent()).toBe('Not taken: The passphrase is wrong.');
      await page.locator('#passphrase').fill(PASSPHRASE);
      await page.locator('button.primary').click();
      await page.locator('.notice.good').waitFor();
      expect(await text()).toContain('Nothing waits for a person.');
      expect(await text()).toMatch(/accepted by\s+bob/);
      expect(await call('rough__rough', { do: 'echo' })).toBe('ok');
      expect(said.filter((line) => !/status of 40[134] /.test(line))).toEqual([]);
    },
  );

  test('a wider file is the admin’s: an operator reads every line of it, and is given no form', LONG, async () => {
    const wider = 'tools: { rough.rough: { effect: read }, rough.other: { effect: write } }';
    const { policy } = here.gateway;
    const before = readFileSync(policy, 'utf8');
    writeFileSync(policy, before.replace(/^tools: .*$/m, wider));
    await until(async () => {
      await page.goto(`${here.origin}/policies/desk`);
      return (await text()).includes('wider file waits');
    });
    expect(await text()).toContain('None of your roles lets you accept policies');
    expect(await page.locator('main form').count()).toBe(0);
    expect(await page.locator('.diff.lines .new').count()).toBe(1);
    expect(await faults()).toEqual([]);
    writeFileSync(policy, before);
  });
});
