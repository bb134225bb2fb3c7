/** "Tell me in this browser", in a real one: the button, the service worker, and what it shows of a message. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Chromium, noChromium, openChromium, type Page } from '../../support/chromium.ts';
import { temporaryFolder } from '../../support/gateway.ts';
import { openPeoplesGateway, type PeoplesGateway } from '../../support/people.ts';

const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;

/** What only this test asks of the library. */
interface Driven extends Page {
  context(): {
    grantPermissions(permissions: readonly string[], options: { readonly origin: string }): Promise<void>;
    newCDPSession(page: Page): Promise<{
      send<T>(method: string, parameters?: object): Promise<T>;
      on(
        event: string,
        heard: (said: { registrations: readonly { registrationId: string; scopeURL: string }[] }) => void,
      ): void;
    }>;
  };
}

describe.skipIf(noChromium !== undefined)(`the button, ${about},`, () => {
  const folder = temporaryFolder();
  let here: PeoplesGateway;
  let chromium: Chromium;
  let page: Driven;
  const said: string[] = [];

  beforeAll(async () => {
    here = await openPeoplesGateway({
      folder,
      people: { bob: { org: 'acme', groups: ['leads'] }, eve: { org: 'acme', groups: ['viewers'] } },
      identity: `roles: { approver: [group:leads], viewer: [group:viewers] }
notify: [{ web_push: { contact: "mailto:ops@example.com" } }]`,
    });
    chromium = await openChromium();
    page = await signedIn('bob');
  }, 90_000);
  afterAll(async () => {
    await chromium?.close();
    await here?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function signedIn(name: string): Promise<Driven> {
    const opened = (await chromium.newPage()) as Driven;
    opened.on('console', (message) => said.push(message.text()));
    await opened.goto(`${here.origin}/`);
    await opened.locator('a.button').click();
    await opened.locator('input[name=login]').fill(name);
    await opened.locator('button').click();
    await opened.waitForURL(`${here.origin}/`);
    return opened;
  }

  const words = (of: Page) => of.locator('[data-push]:not([hidden])').textContent();

  test('is there for who may answer, and says where the browser will not', async () => {
    await vi.waitFor(async () => expect(await page.locator('[data-push]:not([hidden])').count()).toBe(1), 10_000);
    expect(await words(page)).toContain('Tell me in this browser');
    await page.locator('[data-push] button').click();
    await vi.waitFor(async () => expect(await words(page)).toContain('This browser blocks notifications'), 10_000);
    const other = await signedIn('eve');
    expect(await other.locator('[data-push]').count()).toBe(0);
    expect(said.filter((text) => /security policy/i.test(text))).toEqual([]);
  }, 60_000);

  test('a message is shown by its title and rule, and what waits no more takes its place', async () => {
    await page.context().grantPermissions(['notifications'], { origin: here.origin });
    const devtools = await page.context().newCDPSession(page);
    let registrationId = '';
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      registrationId =
        registrations.find(({ scopeURL }) => scopeURL === `${here.origin}/assets/`)?.registrationId ?? '';
    });
    await devtools.send('ServiceWorker.enable');
    await vi.waitFor(() => expect(registrationId).not.toBe(''), 10_000);
    const pushed = (data: object) =>
      devtools.send('ServiceWorker.deliverPushMessage', {
        ...{ origin: here.origin, registrationId, data: JSON.stringify(data) },
      });
    const shown = () =>
      page.evaluate<string>(`navigator.serviceWorker.getRegistration('/assets/').then((one) => one.getNotifications())
        .then((all) => JSON.stringify(all.map(({ title, body, tag, silent }) => ({ title, body, tag, silent }))))`);
    await pushed({
      about: 'h_1',
      title: 'outbox.send waits',
      body: 'outbox.send.approval',
      link: '/holds/h_1',
      over: false,
    });
    await vi.waitFor(
      async () =>
        expect(JSON.parse(await shown())).toEqual([
          { title: 'outbox.send waits', body: 'outbox.send.approval', tag: 'h_1', silent: false },
        ]),
      10_000,
    );
    await pushed({ about: 'h_1', title: 'It waits no more', body: '', over: true });
    await vi.waitFor(
      async () =>
        expect(JSON.parse(await shown())).toMatchObject([{ title: 'It waits no more', tag: 'h_1', silent: true }]),
      10_000,
    );
  }, 60_000);
});
