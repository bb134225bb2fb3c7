/** docs/api.md says what there is: its routes, its scopes, its bounds, and a body that is taken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiRoutes } from '../../src/console/api.ts';
import { creation, LARGEST_BODY, listing, reason } from '../../src/console/shapes.ts';
import type { Passkeys } from '../../src/domain/passkey.ts';
import type { ApproverKeys } from '../../src/domain/person.ts';
import type { PoliciesInView } from '../../src/domain/policies-in-view.ts';
import type { Profile } from '../../src/domain/policy.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { SCOPES } from '../../src/domain/principal.ts';
import type { PushDesk } from '../../src/domain/push.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { blocksOf } from '../stories/support/shown.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
const rowsOf = (pattern: RegExp): readonly string[] => [...PAGE.matchAll(pattern)].map(([, found = '']) => found);

test('its table has every route, and no other', () => {
  const archive = async () => ok(undefined);
  const routes = apiRoutes({
    ledger: {} as Ledger,
    archive,
    profiles: new Map<string, Profile>(),
    owners: [],
    answer: async () => refuse({ reason: 'no_key' }),
    challengeHold: async () => refuse({ reason: 'no_key' }),
    passkeys: {} as Passkeys,
    findOut: async () => refuse({ reason: 'no_key' }),
    policies: {} as PoliciesInView,
    approverKeys: {} as ApproverKeys,
    push: {} as PushDesk,
    now: () => 0,
  });
  expect(rowsOf(/^\| `((?:GET|POST) \/api[^`]*)` \|/gm)).toEqual(
    routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  );
});

test('it names every scope, and no other', () => {
  expect(rowsOf(/^\| `(sessions:\w+)` \|/gm).toSorted()).toEqual(SCOPES.toSorted());
});

test('the body that it shows is taken, with every member that there is', () => {
  const [shown = ''] = blocksOf(PAGE, 'json');
  const given: unknown = JSON.parse(shown);
  expect(creation.safeParse(given)).toMatchObject({ success: true });
  expect(Object.keys(given as object)).toEqual(Object.keys(creation.shape));
  expect(PAGE).toContain(`{${Object.keys(reason.shape).map((key) => `"${key}": "..."`)}}`);
});

test('its bounds are those that hold', () => {
  expect(PAGE).toContain(`at most ${LARGEST_BODY / 1024} KiB`);
  for (const key of Object.keys(listing.shape)) expect(PAGE).toContain(`\`?${key}=`);
  expect(listing.safeParse({ limit: '200' }).success).toBe(true);
  expect(listing.safeParse({ limit: '201' }).success).toBe(false);
});
