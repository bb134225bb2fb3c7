/** What a person found out counts by its signature alone, and for the very call that it is about. */
import { mkdirSync, rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Finding, UnknownCall } from '../../src/domain/finding.ts';
import { agentOf } from '../../src/domain/principal.ts';
import { homeOf } from '../../src/home.ts';
import { loadApprovers } from '../../src/identity/approvers.ts';
import { foundAtTerminal } from '../../src/identity/found-at-terminal.ts';
import { secretKey } from '../../src/identity/keys.ts';
import { signedFinding } from '../../src/identity/signed-finding.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { enter, settlementOf, writeOf } from '../contract/ledger-bench.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson } from '../support/person.ts';

const CALL: UnknownCall = {
  ...{ id: 'call_1', session: 's_1', principal: agentOf('ada'), target: 'mail.post', effect: 'write' },
  ...{
    digest: 'sha256:d',
    effective: {},
    agentReason: undefined,
    at: 1,
    unknownSince: 2,
    lost: undefined,
    finding: undefined,
  },
};
const FOUND = { outcome: 'not_executed', by: 'grace', at: 3, why: 'Looked.' } as const;

async function enrolled(name: string) {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const home = homeOf(environmentOf(folder));
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const { signer } = await enrolPerson(home, name);
  return { home, signer, approvers: loadApprovers(home.approvers) };
}

test('a finding is of an enrolled person, for this call, this outcome, these words and this ledger', async () => {
  const { signer, approvers } = await enrolled('grace');
  const finding = signedFinding(signer, 'ledger-1', CALL, FOUND);
  expect(approvers.foundOut('ledger-1', CALL, finding)).toBe(true);
  const others: readonly [string, UnknownCall, Finding][] = [
    ['ledger-2', CALL, finding],
    ['ledger-1', { ...CALL, id: 'call_2' }, finding],
    ['ledger-1', { ...CALL, session: 's_2' }, finding],
    ['ledger-1', { ...CALL, target: 'mail.burn' }, finding],
    ['ledger-1', { ...CALL, digest: 'sha256:e' }, finding],
    ['ledger-1', CALL, { ...finding, outcome: 'executed' }],
    ['ledger-1', CALL, { ...finding, why: 'Guessed.' }],
    ['ledger-1', CALL, { ...finding, by: 'ada' }],
    ['ledger-1', CALL, { ...finding, at: 4 }],
    ['ledger-1', CALL, { ...finding, nonce: 'n' }],
    ['ledger-1', CALL, { ...finding, signature: finding.signature.slice(0, -2) }],
  ];
  expect(others.map(([instance, call, one]) => approvers.foundOut(instance, call, one))).toEqual(
    others.map(() => false),
  );
});

test('who asked for a call finds nothing out, nor who acted then', async () => {
  const { signer, approvers } = await enrolled('grace');
  const finding = signedFinding(signer, 'ledger-1', CALL, FOUND);
  const self = { issuer: 'local', subject: 'grace', client: 'local', tenant: 'local', actors: [] };
  for (const principal of [self, { ...CALL.principal, actors: ['local:grace'] }])
    expect(approvers.foundOut('ledger-1', { ...CALL, principal }, finding)).toBe(false);
});

test('a finding that comes forged to the gateway’s socket settles nothing', async () => {
  const { home, signer, approvers } = await enrolled('grace');
  const ledger = await openSqlite({ file: home.ledger, contentKey: secretKey(home.keys, 'content'), role: 'owner' });
  onTestFinished(() => ledger.close());
  const session = await enter(ledger);
  const intent = writeOf(session);
  await ledger.commit(intent);
  await ledger.settle(settlementOf(intent, { outcome: 'unknown' }));
  const call = await ledger.unknown(intent.call);
  if (call === undefined) throw new Error('its outcome is known');
  const finding = signedFinding(signer, ledger.instance, call, FOUND);
  const found = foundAtTerminal({ ledger, approvers });
  expect(await found(intent.call, { ...finding, outcome: 'executed' })).toEqual({
    ok: false,
    error: 'This is no word of an enrolled person who may answer for this call.',
  });
  expect(await found('call_none', finding)).toMatchObject({ ok: false });
  expect(await ledger.unknowns({ open: true })).toHaveLength(1);
  expect(await found(intent.call, finding)).toMatchObject({ ok: true });
  expect(await ledger.unknowns({ open: true })).toEqual([]);
});
