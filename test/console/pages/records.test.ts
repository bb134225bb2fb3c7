/** Sessions, a session's timeline and the statistics of approvals, as people see them in a real browser. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printable } from '../../../src/domain/printable.ts';
import { type Chromium, noChromium, openChromium, type Page } from '../../support/chromium.ts';
import { temporaryFolder } from '../../support/gateway.ts';
import { EVIL, type Looked, openLooked, SEEN } from './records.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const IMAGES = join(import.meta.dirname, '../../../docs/images');
const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;

describe.skipIf(noChromium !== undefined)(`what happened, ${about},`, () => {
  const folder = temporaryFolder();
  let here: Looked;
  let chromium: Chromium;
  let session: string;
  let other: string;
  const said: string[] = [];

  /** A page of a browser of its own, where this person is signed in. */
  async function pageOf(login: string): Promise<Page> {
    const page = await (await chromium.newContext()).newPage();
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${here.origin}/sign-in`);
    await page.locator('input[name=login]').fill(login);
    await page.locator('button').click();
    await page.waitForURL(`${here.origin}/`);
    return page;
  }

  beforeAll(async () => {
    here = await openLooked(folder, {
      people: { vera: { org: 'acme', groups: ['staff'] }, zoe: { org: 'zeta', groups: ['heads'] } },
    });
    session = await here.opened(`Answer case c1. ${EVIL}`);
    await here.call(session, 'rough__rough', { do: 'echo', mark: EVIL });
    await here.call(session, 'rough__rough', { do: 'echo', mark: 'x'.repeat(61) });
    for (const mark of ['one', 'two', 'three', 'four', 'five'])
      await here.answered(session, 'rough__other', { do: 'echo', mark });
    await here.answered(session, 'rough__other', { do: 'echo', mark: 'six' }, 'deny');
    for (const day of ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'])
      await here.answered(session, 'workspace__write_file', { path: `notes/${day}.md`, text: `${EVIL} on ${day}` });
    other = await here.opened('Tidy up.');
    chromium = await openChromium();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await here?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What axe says is wrong, and nothing else. */
  async function faults(page: Page): Promise<readonly string[]> {
    await page.evaluate(AXE);
    return page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map((one) => one.html)].join(" ")))',
    );
  }

  test('the list says of each session how it stands, for what and for whom, and leads to it', async () => {
    const page = await pageOf('vera');
    await page.goto(`${here.origin}/sessions`);
    expect(await page.locator('#sessions > li').count()).toBe(2);
    const text = await page.locator('#sessions').textContent();
    for (const shown of [SEEN, 'Tidy up.', 'ada', 'desk', 'private', 'of 40 calls']) expect(text).toContain(shown);
    await page.goto(`${here.origin}/sessions?state=created`);
    expect(await page.locator('#sessions > li a.id').textContent()).toBe(other);
    await page.goto(`${here.origin}/sessions?after=${other}`);
    await page.locator('#sessions > li a.id').click();
    await page.waitForURL(`${here.origin}/sessions/${session}`);
  });

  test('the timeline tells calls that ran from those refused, and who answered what was held', async () => {
    const page = await pageOf('audrey');
    await page.goto(`${here.origin}/sessions/${session}`);
    expect(await page.locator('.step.done').count()).toBe(11);
    expect(await page.locator('.step.refused').count()).toBe(1);
    expect(await page.locator('.step.denied').count()).toBe(1);
    const text = (await page.locator('.timeline').textContent()) ?? '';
    for (const shown of ['refused: denied', 'approved by', 'denied by', '"mark":"five"', SEEN, 'rough.other.approval'])
      expect(text).toContain(shown);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('body').textContent()).not.toMatch(/[\u202e\u200b]/);
  });

  test('who may not see journals sees what became of calls, and nothing that was sent or why', async () => {
    const page = await pageOf('vera');
    await page.goto(`${here.origin}/sessions/${session}`);
    expect(await page.locator('.step.done').count()).toBe(11);
    const text = await page.locator('.timeline').textContent();
    for (const hidden of ['mark', 'rough.other.approval', 'maxLength', 'because=']) expect(text).not.toContain(hidden);
    expect(await page.locator('form.change').count()).toBe(0);
  });

  test('another tenant finds no session, by no address', async () => {
    const page = await pageOf('zoe');
    await page.goto(`${here.origin}/sessions`);
    expect(await page.locator('.empty').count()).toBe(1);
    for (const path of [`/sessions?after=${session}`, `/sessions/${session}`, '/statistics', '/statistics?days=30']) {
      await page.goto(`${here.origin}${path}`);
      const text = await page.locator('main').textContent();
      for (const hidden of ['ada', 'c1', 'rough']) expect(text).not.toContain(hidden);
    }
  });

  test('a pause by button, with its reason, reaches the agent’s next call, and so does going on', async () => {
    const page = await pageOf('olga');
    await page.goto(`${here.origin}/sessions/${other}`);
    await page.locator('#why').fill(`Look first. ${EVIL}`);
    await page.locator('button[formaction$="/pause"]').click();
    await page.locator('button[formaction$="/resume"]').waitFor();
    expect(await page.locator('h1 .tag').textContent()).toBe('paused');
    expect(await here.call(other, 'rough__rough', { do: 'echo' })).toMatch(/pause/i);
    await page.locator('#why').fill('Seen.');
    await page.locator('button[formaction$="/resume"]').click();
    await page.locator('button[formaction$="/pause"]').waitFor();
    expect(await here.call(other, 'rough__rough', { do: 'echo' })).toBe('ok');
    const auditor = await pageOf('audrey');
    await auditor.goto(`${here.origin}/sessions/${other}`);
    expect(await auditor.locator('.timeline').textContent()).toContain(`Look first. ${SEEN}`);
  });

  test('a button that comes too late says so, and loses no word of the reason', async () => {
    const [page, first] = [await pageOf('olga'), await pageOf('olga')];
    const late = await here.opened('Late.');
    for (const one of [page, first]) await one.goto(`${here.origin}/sessions/${late}`);
    await first.locator('#why').fill('Enough.');
    await first.locator('button[formaction$="/complete"]').click();
    await first.waitForURL(`${here.origin}/sessions/${late}`);
    await page.locator('#why').fill('Too late.');
    await page.locator('button[formaction$="/pause"]').click();
    expect(await page.locator('[role=alert]').textContent()).toContain('The session is completed');
  });

  test('the statistics say how often each rule asked and what people said', async () => {
    const page = await pageOf('olga');
    await page.goto(`${here.origin}/statistics`);
    const text = (await page.locator('#rules').textContent())?.replaceAll(/\s+/g, ' ');
    expect(text).toContain('rough.other.approval desk asked 6 · approved 5 · denied 1 half answered within');
    await page.goto(`${here.origin}/statistics?days=30`);
    expect(await page.locator('[aria-current=page]').count()).toBe(2);
  });

  test('a rule that was always approved is made a diff of the policy, which the terminal prints too and git applies', async () => {
    const page = await pageOf('olga');
    await page.goto(`${here.origin}/statistics`);
    expect(await page.locator('#rules a.button').count()).toBe(1);
    await page.locator('#rules a.button').click();
    await page.locator('#diff').waitFor();
    const shown = (await page.locator('#diff').textContent()) ?? '';
    for (const line of ['--- a/policy.yaml', 'id: as-approved', 'within: [notes]', 'then: allow', 'then: hold'])
      expect(shown).toContain(line);
    expect(await page.locator('.notice').textContent()).toContain('Of text the lines say only how long it may be');
    const { gateway } = here;
    const config = ['--config', join(folder, 'gateway.yaml')];
    const listed = await gateway.command('policy', 'suggest', gateway.policy, ...config);
    expect(listed.stdout).toBe('workspace.write_file.approval  approved 5 times, never denied\n');
    const rule = 'workspace.write_file.approval';
    const told = await gateway.command('policy', 'suggest', gateway.policy, rule, ...config);
    expect(told.code).toBe(0);
    // What is hidden in its own lines is shown to people; git gets them as they are.
    expect(shown.trimEnd()).toBe(told.stdout.trimEnd().split('\n').map(printable).join('\n'));
    const no = await gateway.command('policy', 'suggest', gateway.policy, 'rough.other.approval', ...config);
    expect(no).toMatchObject({ code: 1, stderr: expect.stringContaining('never denied') });

    const copy = join(folder, 'taken');
    mkdirSync(copy);
    for (const name of ['policy.yaml', 'policy.lock.json']) copyFileSync(join(folder, name), join(copy, name));
    execFileSync('git', ['apply', '-'], { cwd: copy, input: told.stdout });
    const taken = join(copy, 'policy.yaml');
    expect(await gateway.command('policy', 'check', taken, ...config)).toMatchObject({ code: 0 });
    const replayed = await gateway.command('policy', 'replay', taken, ...config, '--json');
    const { differences } = JSON.parse(replayed.stdout) as {
      differences: { target: string; was: string; would: string }[];
    };
    const others = differences.filter(({ target }) => target.startsWith('workspace'));
    expect(others.map(({ target, was, would }) => [target, was, would])).toEqual(
      Array(5).fill(['workspace.write_file', 'hold', 'allow']),
    );
  });

  test.each(['light', 'dark'] as const)(
    'every page fits a phone and a desk, and axe finds nothing, %s',
    async (colorScheme) => {
      const page = await pageOf('olga');
      await page.emulateMedia({ colorScheme });
      const rule = '/statistics/rule?profile=desk&rule=workspace.write_file.approval&days=7';
      const pages = { sessions: '/sessions', session: `/sessions/${session}`, statistics: '/statistics', rule };
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(`${here.origin}${path}`);
        for (const width of [390, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        }
        expect(await faults(page)).toEqual([]);
        // For docs/console-records.md: as much as a screen shows.
        const isShown = (colorScheme === 'dark') === (name === 'statistics');
        if (process.env['SCREENSHOTS'] === undefined || !isShown) continue;
        await page.setViewportSize({ width: 1000, height: 620 });
        await page.screenshot({ path: join(IMAGES, `records-${name}.png`) });
      }
    },
  );

  test('nothing of all this was refused by the pages’ own policy', () => {
    expect(said.filter((line) => /refused|violates/i.test(line))).toEqual([]);
  });
});
