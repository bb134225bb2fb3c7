/** A hold's page shows all that an answer is about, whatever strangers wrote into it, and what is known beside. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/json.ts';
import { LOCAL } from '../../../src/domain/principal.ts';
import { USUAL_TERMS } from '../../../src/domain/terms.ts';
import { noChromium, type Page } from '../../support/chromium.ts';
import { answeredElsewhere, type Desk, openDesk } from '../../support/desk.ts';
import { openVisits, pathOf, textOf, type Visits } from '../../support/visits.ts';

const EVIL = '<img src=x onerror=alert(1)>"\'</pre><script>alert(2)</script>\u202e\u200b';
const POLICY = `version: 1
profile: desk
who: local
servers: { rough: { command: [node] } }
tools:
  rough.other:
    can: Send one mail. <img src=x>
    cannot: Reach anyone else.
    effect: write
    charges: { searches: 1 }
    approval: { reason: Look. }
budgets: { session: { calls: 20, searches: 4, runtime: 30m }, when_reached: extend }
`;
const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;

describe.skipIf(noChromium !== undefined)(`what a hold shows, ${about},`, () => {
  let desk: Desk;
  let visits: Visits;

  beforeAll(async () => {
    desk = await openDesk(['bob'], POLICY);
    visits = await openVisits(desk);
  });
  afterAll(async () => {
    await visits?.chromium.close();
    await desk?.close();
  });

  test('what strangers wrote stays text in every field, with what is hidden in it', async () => {
    const before = await desk.asks({ [EVIL]: EVIL, to: 'paypal.com' }, { by: { client: EVIL }, task: EVIL });
    await answeredElsewhere(desk, before, 'approve', EVIL);
    const approvers = [[{ kind: 'group', name: EVIL, issuer: LOCAL }]] as const;
    const needs = [
      { kind: 'rule', rule: EVIL, reason: EVIL, terms: { ...USUAL_TERMS, quorum: 2, approvers } },
    ] as const;
    const by = { client: EVIL, actors: [EVIL] };
    const hold = await desk.asks(
      { [EVIL]: `${EVIL}!`, list: [EVIL], to: 'pаypal.com', pad: `a${' '.repeat(400)}b${'\n'.repeat(80)}c` },
      {
        session: before.session,
        needs,
        agentReason: EVIL,
        by,
        shown: { tool: 'rough.read', text: EVIL, digest: sha256(EVIL) },
      },
    );
    const page = await visits.enter('bob', '/');
    for (const path of ['/', pathOf(hold), pathOf(before)]) {
      await page.goto(`${desk.origin}${path}`);
      expect(await page.evaluate('document.querySelectorAll("main img, main script").length')).toBe(0);
      expect(await page.evaluate<string>('document.documentElement.outerHTML')).not.toMatch(/[\u202e\u200b]/);
    }
    await page.goto(`${desk.origin}${pathOf(hold)}`);
    const odd = await textsOf(page, '.exact mark.odd');
    for (const shown of ['U+202E', 'U+200B', '␣ × 400', '↵ × 80']) expect(odd).toContain(shown);
    expect(await page.evaluate('document.querySelector(".exact mark.alike").title')).toContain('U+0430');
    expect(await textOf(page, 'pre.content')).toContain('</pre><script>alert(2)</script>U+202EU+200B');
    expect(await textOf(page, 'blockquote.agent')).toContain('<img src=x onerror=alert(1)>');
    expect(await textOf(page)).toContain('Send one mail. <img src=x> It cannot: Reach anyone else.');
    await page.close();
  });

  test('what changed since the last approval is marked, argument by argument', async () => {
    const by = { client: 'changes' };
    const before = await desk.asks({ to: 'ada@example.com', refund: 12, note: 'the same old text' }, { by });
    await answeredElsewhere(desk, before, 'approve', 'carol');
    const hold = await desk.asks({ to: 'ada@example.com', refund: 480, more: true, note: 'the same new text' }, { by });
    const page = await visits.enter('bob', pathOf(hold));
    expect(await textOf(page, '.changes')).toBe(
      'more was not given is true note was the same old text is the same new text refund was 12 is 480 ',
    );
    expect(await textsOf(page, '.changes mark')).toEqual(['true', 'old', 'new', '12', '480']);
    await page.close();
  });

  test('the session says what it is for, what it has touched, and what it has used', async () => {
    const by = { client: 'session' };
    const before = await desk.asks({ n: 1 }, { by, task: 'Answer the case 4711.' });
    await answeredElsewhere(desk, before, 'approve', 'carol');
    await desk.runs(before);
    const hold = await desk.asks({ n: 2 }, { by, session: before.session });
    const page = await visits.enter('bob', pathOf(hold));
    const session = await textOf(page, 'section[aria-label="The session"]');
    for (const shown of ['case 4711', 'private', '1 of 4 searches', '1 of 20 calls']) expect(session).toContain(shown);
    await page.close();
  });

  const textsOf = (page: Page, selector: string): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent)`);

  test('no browser had to hold anything back, and no fault was told', () => {
    expect(visits.complaints).toEqual([]);
    expect(desk.reports.filter((line) => line.startsWith('fault'))).toEqual([]);
  });
});
