/** People answer holds at the console, in a real browser: by keys alone, in time or too late, with a passphrase and never without. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USUAL_TERMS } from '../../../src/domain/terms.ts';
import { noChromium } from '../../support/chromium.ts';
import { answeredElsewhere, type Desk, openDesk, PASSPHRASE } from '../../support/desk.ts';
import { until } from '../../support/downstream.ts';
import { answer, openVisits, pathOf, shows, textOf, type Visits } from '../../support/visits.ts';

const POLICY = `version: 1
profile: desk
who: local
servers: { rough: { command: [node] } }
tools: { rough.other: { effect: write, charges: { searches: 1 }, approval: { reason: Look. } } }
budgets: { session: { calls: 20, searches: 4 }, when_reached: extend }
`;
const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;

describe.skipIf(noChromium !== undefined)(`holds at the console, ${about},`, () => {
  let desk: Desk;
  let visits: Visits;

  beforeAll(async () => {
    desk = await openDesk(['bob', 'carol'], POLICY);
    visits = await openVisits(desk);
  });
  afterAll(async () => {
    await visits?.chromium.close();
    await desk?.close();
  });

  test('a call comes into the open inbox by itself, and leaves it when somebody else answers', async () => {
    const page = await visits.enter('bob', '/');
    const hold = await desk.asks({ n: 'live' }, { task: 'Answer the case 4711.' });
    await page.locator(`#row-${hold.id}`).waitFor();
    const row = await textOf(page, `#row-${hold.id}`);
    for (const shown of ['rough.other', 'write', 'n: live', 'agent-of:ada', 'Answer the case 4711.', 'lapses in '])
      expect(row).toContain(shown);
    await answeredElsewhere(desk, hold, 'deny', 'carol');
    await until(async () => (await page.locator(`#row-${hold.id}`).count()) === 0);
    await page.close();
  });

  test('with keys alone a person finds it, approves it, and sees what becomes of it', async () => {
    const hold = await desk.asks({ n: 'keys' });
    const page = await visits.enter('bob', '/');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.locator('#approve').waitFor();
    await page.keyboard.press('a');
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.locator('.state.good').waitFor();
    expect(page.url()).toBe(`${desk.origin}${pathOf(hold)}`);
    expect(await textOf(page, '#state')).toMatch(
      /Approved, waiting for the agent, lapses in (?:30:00|29:5\d) ?approved by bob/,
    );
    const settle = await desk.runs(hold, 'under way');
    await shows(page, 'Running for');
    await settle();
    await shows(page, 'The call was made, and went well');
    await page.keyboard.press('Escape');
    await page.waitForURL(`${desk.origin}/`);
    await page.keyboard.press('?');
    await page.locator('#keys').waitFor();
    await page.close();
  });

  test('who denies says why: without it the browser sends nothing, and the gateway takes nothing', async () => {
    const hold = await desk.asks({ n: 'deny' });
    const page = await visits.enter('bob', pathOf(hold));
    await page.keyboard.press('d');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSPHRASE);
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.querySelector("#deny-because").matches(":invalid")')).toBe(true);
    await page.evaluate('for (const one of document.querySelectorAll("[required]")) one.required = false');
    await answer(page, 'deny', ' ');
    await shows(page, 'Not taken: Say why: the agent is told.');
    await answer(page, 'deny', 'Wrong customer.');
    await shows(page, 'Denied: the agent is told');
    expect(await desk.ledger.hold(hold.id, desk.now())).toMatchObject({
      state: 'denied',
      decisions: [{ by: 'bob', because: 'Wrong customer.' }],
    });
    await page.close();
  });

  test('a wrong passphrase loses no word, many close the door for a while, and none comes back', async () => {
    const hold = await desk.asks({ n: 'wrong' });
    const page = await visits.enter('carol', pathOf(hold));
    for (let tries = 0; tries < 5; tries++) {
      await answer(page, 'approve', `Words ${tries}.`, 'wrong');
      await until(async () => (await page.locator('#approve-passphrase').inputValue()) === '');
      await shows(page, 'Not taken: The passphrase is wrong.');
      expect(await page.locator('#approve-because').inputValue()).toBe(`Words ${tries}.`);
      await until(() => Promise.resolve(page.url() === `${desk.origin}${pathOf(hold)}`));
    }
    await answer(page, 'approve', '', PASSPHRASE);
    await shows(page, 'Not taken: Too many proofs were wrong: the next counts in');
    expect(await desk.ledger.hold(hold.id, desk.now())).toMatchObject({ state: 'open', decisions: [] });
    desk.pass(60_000);
    await answer(page, 'approve', '', PASSPHRASE);
    await shows(page, 'Approved, waiting for the agent');
    await page.close();
  });

  test('what is typed stays while the page follows what others do, until there is nothing to answer', async () => {
    const terms = { ...USUAL_TERMS, quorum: 2 };
    const needs = [{ kind: 'rule', rule: 'rough.other.approval', reason: 'Two agree.', terms }] as const;
    const hold = await desk.asks({ n: 'two' }, { needs });
    const page = await visits.enter('bob', pathOf(hold));
    const late = await visits.enterPlain('carol', pathOf(hold));
    expect(await textOf(page)).toContain('2 people: whoever is approver, but not who asks');
    await page.locator('#approve-because').fill('Half a sentence');
    await answeredElsewhere(desk, hold, 'approve', 'grace');
    await shows(page, '1 of 2 people approved');
    expect(await page.locator('#approve-because').inputValue()).toBe('Half a sentence');
    await answer(page, 'approve', 'Half a sentence more.');
    await shows(page, 'Approved, waiting for the agent');
    await answer(late, 'approve', 'Too late.');
    await shows(late, 'Not taken: The hold is approved and waits for nobody.');
    expect(await textOf(late)).toContain('You wrote: “Too late.”');
    for (const one of [page, late]) await one.close();
  });

  test('it lapses before the eyes of who looks, and an answer that comes too late says so', async () => {
    const terms = { ...USUAL_TERMS, answerWithin: 10 * 60_000 };
    const needs = [{ kind: 'rule', rule: 'rough.other.approval', reason: 'Soon.', terms }] as const;
    const hold = await desk.asks({ n: 'lapse' }, { needs });
    const late = await visits.enterPlain('bob', pathOf(hold));
    desk.pass(terms.answerWithin - 8000);
    const page = await visits.enter('bob', pathOf(hold));
    expect(await textOf(page)).toContain('Waits for a person, lapses in 00:0');
    await shows(page, 'Lapsed: too few people answered in time');
    expect(await page.locator('#approve').count()).toBe(0);
    await answer(late, 'approve', 'Yes.');
    await shows(late, 'Not taken: The hold is lapsed and waits for nobody.');
    for (const one of [page, late]) await one.close();
  });

  test('more of a budget is given in the form, by who may', async () => {
    const needs = [{ kind: 'budget', rule: 'budgets.session.searches', reason: 'not enough is left' }] as const;
    const hold = await desk.asks({ n: 'budget' }, { needs });
    const approver = await visits.enter('bob', pathOf(hold), ['approver']);
    expect(await textOf(approver, '#answer-closed')).toContain('None of your roles lets you extend budgets');
    const page = await visits.enter('bob', pathOf(hold), ['operator']);
    await page.locator('#extend-searches').fill('lots');
    await answer(page, 'approve', '');
    await shows(page, 'Not taken: searches are extended by a whole number such as 50, not "lots".');
    await page.locator('#extend-searches').fill('10');
    await answer(page, 'approve', '');
    await shows(page, 'Approved');
    expect(await desk.ledger.hold(hold.id, desk.now())).toMatchObject({ decisions: [{ extend: { searches: 10 } }] });
    for (const one of [page, approver]) await one.close();
  });

  test('who asked and who lacks the role find no form, who came by a link does; another tenant finds nothing', async () => {
    const hold = await desk.asks({ n: 'nobody' });
    const asker = await visits.enter('agent-of:ada', pathOf(hold));
    expect(await textOf(asker, '#answer-closed')).toContain('You asked for this call, or your agent did');
    const auditor = await visits.enter('bob', pathOf(hold), ['auditor']);
    expect(await textOf(auditor, '#answer-closed')).toContain('None of your roles lets you answer holds');
    const viewer = await visits.enter('bob', pathOf(hold), ['viewer']);
    expect(await textOf(viewer)).toContain('None of your roles lets you see holds');
    const stranger = await visits.enter('zoe', pathOf(hold), undefined, { tenant: 'zeta' });
    expect(await textOf(stranger)).toContain('There is nothing here');
    for (const page of [asker, auditor, viewer, stranger]) expect(await page.locator('main form').count()).toBe(0);
    // The link says who came and lets look; what answers is a proof of its own.
    await asker.goto(desk.link());
    await asker.goto(`${desk.origin}${pathOf(hold)}`);
    expect(await asker.locator('#approve-passphrase').count()).toBe(1);
    for (const page of [asker, auditor, viewer, stranger]) await page.close();
  });

  test('no browser had to hold anything back, and no fault was told', () => {
    expect(visits.complaints).toEqual([]);
    expect(desk.reports.filter((line) => line.startsWith('fault'))).toEqual([]);
  });
});
