/** Pages in light and dark, at a desk and on a phone: nothing is cut off, axe finds nothing, and docs/images shows them (SCREENSHOTS=docs/images). */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hold } from '../../../src/domain/hold.ts';
import { sha256 } from '../../../src/domain/json.ts';
import { USUAL_TERMS } from '../../../src/domain/terms.ts';
import { noChromium } from '../../support/chromium.ts';
import { answeredElsewhere, type Desk, openDesk } from '../../support/desk.ts';
import { openVisits, pathOf, type Visits } from '../../support/visits.ts';

const POLICY = `version: 1
profile: desk
who: local
servers: { crm: { command: [node] } }
tools:
  crm.send_reply:
    can: Send one reply to the customer of a case.
    cannot: Reach anyone who is not on the case.
    effect: irreversible
    charges: { searches: 1 }
    approval: { reason: Mail cannot be called back. }
budgets: { session: { calls: 20, searches: 4, runtime: 30m }, when_reached: extend }
`;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const FOUND =
  'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html)))';
const shots = process.env['SCREENSHOTS'];
const about = noChromium === undefined ? 'in Chromium' : `(skipped: ${noChromium})`;

describe.skipIf(noChromium !== undefined)(`pages, ${about},`, () => {
  let desk: Desk;
  let visits: Visits;
  let [open, answered]: (Hold | undefined)[] = [];

  beforeAll(async () => {
    desk = await openDesk(['bob'], POLICY);
    visits = await openVisits(desk);
    const reply = { target: 'crm.send_reply', effect: 'irreversible' } as const;
    const body = 'Dear Ada,\n\nyour refund of 12.00 EUR is on its way.\n\nThe shop';
    const mail = { to: 'ada@customers.example.com', body, draft: 'draft-12', refund: 12 };
    const before = await desk.asks(mail, { ...reply, task: 'Answer the case 4711: refund or replacement.' });
    await answeredElsewhere(desk, before, 'approve', 'grace');
    await desk.runs(before);
    const two = [rule('crm.close_account', 'Two people close an account.', 2)];
    await desk.asks({ account: 'A-1042', erase: true }, { target: 'crm.close_account', effect: 'write', needs: two });
    const budget = {
      kind: 'budget',
      rule: 'budgets.session.searches',
      reason: 'Not enough searches are left.',
    } as const;
    await desk.asks(
      { query: 'refund policy 2026' },
      {
        target: 'web.search',
        effect: 'read',
        needs: [budget],
        by: { subject: 'agent-of:grace' },
        task: 'Find what we promised.',
      },
    );
    const text = 'Draft 12, to the customer of case 4711\n\nRefund: 480.00 EUR\nTo: GB33 BUKB 2020 1555 5555 55';
    open = await desk.asks(
      {
        ...mail,
        to: 'аda@customers.example.com',
        body: body.replace('12.00', '480.00'),
        draft: 'draft-13',
        refund: 480,
      },
      {
        ...{ ...reply, session: before.session, agentReason: 'The customer was promised this on the phone.' },
        needs: [rule('crm.send_reply', 'Mail cannot be called back.')],
        shown: { tool: 'crm.read_draft', text, digest: sha256(text) },
      },
    );
    answered = await desk.asks({ ...mail, refund: 15, to: 'grace@customers.example.com' }, reply);
    await answeredElsewhere(desk, answered, 'approve', 'grace');
  });
  afterAll(async () => {
    await visits?.chromium.close();
    await desk?.close();
  });

  const rule = (target: string, reason: string, quorum = 1) =>
    ({ kind: 'rule', rule: `${target}.approval`, reason, terms: { ...USUAL_TERMS, quorum } }) as const;

  test.each(['light', 'dark'] as const)('fit a phone and a desk, and axe finds nothing, %s', async (colorScheme) => {
    const page = await visits.chromium.newPage({ bypassCSP: true });
    await page.emulateMedia({ colorScheme });
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
    const looked = [
      ['inbox', '/'],
      ['hold', open && pathOf(open)],
      ['approved', answered && pathOf(answered)],
      ['empty', '/'],
      ['door', '/'],
    ] as const;
    await page.goto(desk.comesIn('bob', ['approver', 'operator']));
    for (const [name, path] of looked) {
      if (name === 'empty') await page.goto(desk.comesIn('zoe', ['approver'], { tenant: 'zeta' }));
      if (name === 'door') await page.locator('.top button').click();
      for (const [width, height] of [
        [390, 800],
        [1160, 760],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.goto(`${desk.origin}${path}`);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        const shot = shots === undefined ? {} : { path: join(shots, `console-${name}-${colorScheme}-${width}.png`) };
        expect((await page.screenshot(shot)).length).toBeLessThan(120 * 1024);
        await page.addScriptTag({ path: AXE });
        expect([name, width, await page.evaluate<string[]>(FOUND)]).toEqual([name, width, []]);
      }
    }
    await page.close();
  });
});
