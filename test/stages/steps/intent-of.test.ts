import { expect, test } from 'vitest';
import type { Prepared } from '../../../src/domain/call.ts';
import type { ServerAddress } from '../../../src/domain/policy.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { intentOf } from '../../../src/stages/intent-of.ts';
import { AT, desks, passed } from './desk.ts';

const desk = desks();

async function bodyOf(changes: Partial<Prepared> = {}, address?: ServerAddress): Promise<Record<string, unknown>> {
  const one = await desk('{ effect: write }');
  const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved()))));
  const approved = passed(await one.approved(afforded));
  const profile = address === undefined ? one.profile : { ...one.profile, servers: new Map([['crm', address]]) };
  const call = { ...approved, profile, credential: undefined, connection: {} as never, open: undefined, ...changes };
  return intentOf(call, 'replica', AT).body as Record<string, unknown>;
}

const LATER = ['observed', 'shown_for', 'credential', 'actors'];

test('what is out of the ordinary is said only where it is so', async () => {
  const body = await bodyOf();
  expect(Object.keys(body).filter((key) => LATER.includes(key))).toEqual([]);
});

test('a reading says for which call it is', async () => {
  expect(await bodyOf({ shownFor: 'call_waiting' })).toMatchObject({ shown_for: 'call_waiting' });
});

test('whoever acts for the principal is named', async () => {
  const { principal } = await (await desk('{ effect: write }')).resolved();
  const actors = ['https://login.example.com:desk-agent'];
  expect(await bodyOf({ principal: { ...principal, actors } })).toMatchObject({ actors });
});

test('a credential is said by how it is had, for whom and how far it goes, and never by itself', async () => {
  const credential = { kind: 'header', header: 'authorization', secret: 'env://KEY', prefix: 'Bearer ' } as const;
  const address: ServerAddress = { kind: 'http', url: 'https://crm.example.com/mcp', era: undefined, credential };
  const value = { header: 'authorization', value: new Secret('canary'), expiresAt: undefined, scopes: ['read'] };
  const said = (audience: string | undefined, at: ServerAddress | undefined = address) =>
    bodyOf({ credential: { ...value, audience } }, at);
  expect((await said('https://crm.example.com'))['credential']).toEqual({
    kind: 'header',
    audience: 'https://crm.example.com',
    scopes: ['read'],
  });
  expect(await said(undefined)).toMatchObject({ credential: { audience: null } });
  expect(JSON.stringify(await said(undefined))).not.toContain('canary');
  expect(await bodyOf({ credential: undefined }, address)).not.toHaveProperty('credential');
});
