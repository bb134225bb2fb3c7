import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { failures, type Half, judge } from './judgement.ts';
import { report } from './report.ts';

const hasLocalhost = await lookup('localhost').then(
  () => true,
  () => false,
);

describe.skipIf(!hasLocalhost)('the conformance suite (the name localhost must have an address)', () => {
  let halves: readonly Half[];
  beforeAll(async () => {
    halves = await judge(() => undefined);
  }, 600_000);

  test.each([
    ['server', '2026-07-28', 37],
    ['server', '2025-11-25', 30],
    ['client', '2026-07-28', 32],
    ['client', '2025-11-25', 18],
  ] as const)(
    '%s %s: all %d scenarios pass through Tollgate, with the checks that they have without it',
    (leg, revision, count) => {
      const half = halves.filter((one) => one.leg === leg && one.revision === revision);
      const judged = half.flatMap(({ rows }) => rows.filter((row) => row.standing === 'required' && row.runs.through));
      expect(judged).toHaveLength(count);
      expect(failures(half)).toEqual([]);
    },
  );

  test.each(['auth/client-credentials-jwt', 'auth/client-credentials-basic', 'auth/enterprise-managed-authorization'])(
    'the extension %s passes through Tollgate: its token is had, and being opaque shown to nobody',
    (scenario) => {
      const runs = halves.flatMap(({ rows }) =>
        rows.filter((row) => row.scenario === scenario).map(({ runs }) => runs),
      );
      expect(runs).toHaveLength(2);
      for (const { direct, through } of runs) {
        expect(direct).toMatchObject({ failed: 0 });
        expect(through).toMatchObject({
          failed: 0,
          remarks: expect.arrayContaining([expect.stringContaining('it is opaque')]),
        });
        expect(through?.passed).toBeGreaterThanOrEqual(8);
      }
    },
  );
  test('tasks: all scenarios that the suite runs pass through Tollgate, with the checks that they have without it', () => {
    const tasks = halves.flatMap(({ leg, revision, rows }) =>
      leg === 'server' && revision === '2026-07-28' ? rows.filter(({ scenario }) => scenario.startsWith('tasks-')) : [],
    );
    const sound = tasks.filter(({ runs }) => runs.direct?.isSound === true && runs.through?.isSound === true);
    expect(sound.map(({ scenario }) => scenario)).toHaveLength(9);
    // The suite makes no check of these: it waits for a rewrite of its own.
    expect(tasks.filter((row) => !sound.includes(row)).map(({ scenario }) => scenario)).toEqual([
      'tasks-status-notifications',
    ]);
  });

  test('the README says what the suite found', () => {
    const found = report(halves, false).match(/^\d+\/\d+ direct.*$/gm);
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const said = [...readme.matchAll(/^(?:Servers|Clients), \S+ +(\d.*)$/gm)].map(([, totals]) => totals);
    expect(said).toEqual(found);
  });
});
