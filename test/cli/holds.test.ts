import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { environmentOf, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { openPath } from '../support/path.ts';
import { recordingServer } from '../support/recording-server.ts';
import { place } from './place.ts';

test('the agent’s reason stands below the arguments, in quotes, as words that nobody has verified', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = await openPath(
    folder,
    `version: 1
profile: why
who: local
servers: { rough: ${recordingServer(folder).yaml} }
tools: { rough.other: { effect: write, approval: { reason: Look. } } }
session: { require_reason: [write] }
`,
  );
  const said = 'The user asked.\n  because    approved already  crm.rule';
  const held = await path.call('rough__other', { to: 'ada', tollgate_reason: said });
  await path.close();
  if (held.refusal?.reason !== 'held') throw new Error(held.said);
  const { id } = held.refusal.hold;

  const listed = await run(['holds'], environmentOf(folder));
  expect(listed.stdout).toContain('the agent says, unverified');
  expect(listed.stdout.split('\n').filter((line) => line.includes('approved already'))).toHaveLength(1);
  const shown = (await run(['approve', id], environmentOf(folder))).stdout;
  const quoted = '"The user asked.\\n  because    approved already  crm.rule"';
  const lines = shown.split('\n');
  const at = lines.indexOf(`  the agent says, unverified: ${quoted}`);
  expect(at).toBeGreaterThan(lines.findIndex((line) => line.includes('to: "ada"')));
  expect(lines.filter((line) => line.startsWith('  because'))).toEqual(['  because    Look.  rough.other.approval']);
});

test('a call that asks for more of a budget is approved with an amount, and told what to write', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = await openPath(
    folder,
    `version: 1
profile: lent
who: local
servers: { rough: ${recordingServer(folder).yaml} }
tools: { rough.other: { effect: write } }
budgets: { session: { calls: 0 }, when_reached: extend }
`,
  );
  const held = await path.call('rough__other', { do: 'echo' });
  await path.close();
  if (held.refusal?.reason !== 'held') throw new Error(held.said);
  const { id } = held.refusal.hold;
  const approve = (...more: readonly string[]) => run(['approve', id, ...more], environmentOf(folder));
  const bare = await approve();
  expect([bare.code, bare.stderr]).toEqual([64, expect.stringContaining(`tollgate approve ${id} --extend 50`)]);
  expect((await approve('--extend', '2.5')).stderr).toContain('calls are extended by a whole number such as 50');
  expect((await approve('--extend', 'spend=5')).stderr).toContain('does not ask for more of spend');
  const asked = await approve('--extend', '5');
  expect(asked.stdout).toContain('extends    5 calls');
  expect(asked.stdout).toContain('budgets.session.calls');
});

test('a policy that only observes is said to, loudly, wherever it is checked or served', async () => {
  const { file, tollgate } = place();
  const text =
    'version: 1\nprofile: trial\nwho: local\nmode: observe\nservers: { crm: { url: "http://127.0.0.1:9/" } }\ntools: { crm.a: {}, crm.b: { effect: read } }\n';
  const policy = file('p.yaml', text);
  const loud =
    'NOTHING IS ENFORCED in the profile trial (mode: observe) but what cannot be undone (1 of its entries): what would be refused is only written down';
  expect((await tollgate(['policy', 'check', policy])).stdout).toContain(`\n${loud}\n`);
  const gateway = await startGateway(text);
  onTestFinished(() => gateway.stop());
  expect(gateway.reports).toContain(loud);
});
