import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { greetGateway } from '../../src/cli/gateway-socket.ts';
import { type AcceptanceProof, type Accepted, acceptanceText, textsDigest } from '../../src/domain/acceptance.ts';
import { homeOf } from '../../src/home.ts';
import { createApprover, unlock } from '../../src/identity/approvers.ts';
import { readTexts } from '../../src/policy/file/include.ts';
import { atTerminal, FIRST_TIME } from '../stories/support/person.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson, visit } from '../support/person.ts';
import { tampered } from '../support/tampering.ts';
import { type LivePolicy, livePolicy, upTo } from './live.ts';

const DENIED = /^DENIED, NOT DONE/;
const AGAIN = [['Passphrase to accept: ', 'correct horse battery']] as const;

async function live(rules: string, folder = temporaryFolder()): Promise<LivePolicy> {
  const policy = await livePolicy(rules, '', folder);
  onTestFinished(async () => {
    await policy.gateway.stop();
    rmSync(policy.folder, { recursive: true, force: true });
  });
  return policy;
}

const at = ({ gateway }: LivePolicy) => ({ env: gateway.environment as Readonly<Record<string, string>> });

test('a person at a terminal puts a wider policy in force, and it stays so; nobody else does, by no pipe and no wrong passphrase', async () => {
  const policy = await live(upTo(5));
  const { gateway } = policy;
  const words = ['policy', 'accept', gateway.policy];
  expect(await gateway.command(...words)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('it needs nobody'),
  });
  const wider = policy.textOf(upTo(9));
  policy.write(wider);
  await policy.reported('WIDER than what was accepted last');
  const piped = await gateway.command(...words);
  expect([piped.code, piped.stderr]).toEqual([
    77,
    'tollgate: A passphrase must be typed at a terminal, and this process has none.\n',
  ]);
  expect(await policy.call(8)).toMatch(DENIED);

  const accepted = await atTerminal(at(policy), words, FIRST_TIME);
  expect(accepted.screen).toContain('tools.rough.rough.arguments.n.maximum: 9, was 5');
  expect(accepted).toMatchObject({ code: 0, screen: expect.stringContaining('in force from the next call on') });
  expect(await policy.call(8)).toBe('ok');
  const ledger = await visit(gateway.home);
  const entries = (await ledger.journal('gateway')).filter(({ kind }) => kind === 'accepted');
  await ledger.close();
  expect(entries.at(-1)?.body).toMatchObject({
    by: userInfo().username,
    signature: expect.any(String),
    widenings: ['tools.rough.rough.arguments.n.maximum: 9, was 5'],
  });

  const audited = () => gateway.command('audit', 'verify');
  expect((await audited()).stdout).toContain('1 answer is proven by who is enrolled here');
  for (const [before, after] of [
    ['"replaces":"sha256:', '"replaces":"sha256:0'],
    ['"by":', '"of":'],
  ] as const) {
    const undo = tampered(gateway.home.ledger, 'accepted', before, after);
    expect(await audited()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/gateway: entry \d+, the acceptance of live by .+ is not what was proven/),
    });
    undo();
  }

  policy.write(policy.textOf(upTo(20)));
  await policy.reported('WIDER than what was accepted last');
  const wrong = await atTerminal(at(policy), words, [['Passphrase to accept: ', 'not the passphrase']]);
  expect(wrong.code).toBe(77);
  expect(await policy.call(18)).toMatch(DENIED);
  const again = await policy.restart(wider);
  onTestFinished(() => again.gateway.stop());
  expect(await again.call(8)).toBe('ok');
  expect(again.gateway.reports).toEqual([]);
});

test('a wider policy that is accepted while no gateway runs is in force at the next start', async () => {
  const policy = await live(upTo(5));
  const { gateway } = policy;
  policy.write(policy.textOf(upTo(9)));
  await policy.reported('WIDER than what was accepted last');
  const words = ['policy', 'accept', gateway.policy];
  await atTerminal(at(policy), words, FIRST_TIME);
  policy.write(policy.textOf(upTo(20)));
  await policy.reported('WIDER than what was accepted last');
  await gateway.kill();
  expect(await atTerminal(at(policy), words, AGAIN)).toMatchObject({ code: 0 });
  const again = await policy.restart(policy.textOf(upTo(20)));
  onTestFinished(() => again.gateway.stop());
  expect(await again.call(18)).toBe('ok');
});

test('a call that a person approved is void once its rule is another', async () => {
  const held = (most: number) => `{ effect: write, approval: {}, arguments: { n: { maximum: ${most} } } }`;
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const policy = await live(held(9), folder);
  const waiting = new AbortController();
  const call = (signal: AbortSignal) =>
    fetch(policy.gateway.url, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${policy.gateway.token}` },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'rough__rough', arguments: { do: 'echo', n: 1 } },
      }),
    }).catch(() => undefined);
  const holds = async () => {
    const ledger = await visit(policy.gateway.home);
    const all = await ledger.holds({ open: false }, Date.now());
    return { ledger, all };
  };
  const first = call(waiting.signal);
  await until(async () => {
    const { ledger, all } = await holds();
    await ledger.close();
    return all.length === 1;
  });
  waiting.abort();
  await first;
  policy.write(policy.textOf(held(8)));
  await policy.reported('in force from the next call on');
  const { ledger, all } = await holds();
  for (const hold of all)
    expect(await ledger.decide(hold.id, person.sign(ledger, hold, 'approve'))).toMatchObject({ ok: true });
  await ledger.close();
  const later = new AbortController();
  const second = call(later.signal);
  await until(async () => {
    const now = await holds();
    await now.ledger.close();
    return now.all.length === 2;
  });
  later.abort();
  await second;
  expect(policy.server.calls()).toEqual([]);
});

/** A word for what the policy file says now, as the command gives it. */
async function wordOf(policy: LivePolicy, sign: (text: string) => string, kid: string): Promise<AcceptanceProof> {
  const ledger = await visit(policy.gateway.home);
  const [before] = await ledger.accepted('live', policy.gateway.policy);
  const texts = readTexts(policy.gateway.policy);
  if (before === undefined || !texts.ok) throw new Error('there is nothing to accept');
  const word = {
    by: 'ada',
    at: Date.now(),
    nonce: randomBytes(8).toString('hex'),
    replaces: textsDigest(before.texts),
    kid,
  };
  const signature = sign(acceptanceText(ledger.instance, { profile: 'live', digest: textsDigest(texts.value) }, word));
  await ledger.close();
  return { ...word, signature };
}

async function handOver({ gateway }: LivePolicy, proof: AcceptanceProof): Promise<object | undefined> {
  const greeted = await greetGateway(gateway.home, { as: 'acceptance', policy: gateway.policy, proof });
  greeted?.socket.destroy();
  return greeted?.welcome;
}

test('an acceptance counts for nothing that is forged, was given for another text, or comes again', async () => {
  const folder = temporaryFolder();
  const ada = await enrolPerson(homeOf(environmentOf(folder)));
  const policy = await live(upTo(5), folder);
  const stranger = await createApprover('ada', 'another passphrase');
  const signer = stranger.ok ? await unlock(stranger.value, 'another passphrase') : stranger;
  if (!signer.ok) throw new Error(signer.error);
  const NOBODY = { ok: false, problem: expect.stringContaining('no word of an enrolled person') };

  policy.write(policy.textOf(upTo(9)));
  await policy.reported('WIDER than what was accepted last');
  expect(await handOver(policy, await wordOf(policy, signer.value.sign, signer.value.kid))).toMatchObject(NOBODY);
  const good = await wordOf(policy, ada.signer.sign, ada.signer.kid);
  expect(await handOver(policy, { ...good, by: 'bob' })).toMatchObject(NOBODY);
  policy.write(policy.textOf(upTo(90)));
  await policy.reported('n.maximum: 90, was 5');
  expect(await handOver(policy, good)).toMatchObject(NOBODY);
  expect(await policy.call(8)).toMatch(DENIED);

  policy.write(policy.textOf(upTo(9)));
  await policy.reported('n.maximum: 9, was 5');
  expect(await handOver(policy, good)).toEqual({ ok: true });
  await policy.reported('in force from the next call on');
  expect(await policy.call(8)).toBe('ok');
  policy.write(policy.textOf(upTo(4)));
  await policy.reported('in force from the next call on');
  policy.write(policy.textOf(upTo(9)));
  await policy.reported('n.maximum: 9, was 4');
  expect(await handOver(policy, good)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('not what was shown'),
  });
  expect(await policy.call(8)).toMatch(DENIED);
});

test('what stands in the ledger with a signature of nobody enrolled is passed over at start', async () => {
  const policy = await live(upTo(5));
  policy.write(policy.textOf(upTo(9)));
  await policy.reported('WIDER than what was accepted last');
  const texts = readTexts(policy.gateway.policy);
  if (!texts.ok) throw new Error('the policy cannot be read');
  const proof = { by: 'ada', at: 1, nonce: 'n', replaces: undefined, kid: 'k', signature: 's' };
  const forged: Accepted = { profile: 'live', texts: texts.value, at: 1, proof };
  const ledger = await visit(policy.gateway.home);
  expect(await ledger.accept({ ...forged, proof: undefined }, [])).toMatchObject({ ok: false });
  expect(await ledger.accept(forged, [])).toMatchObject({ ok: true });
  expect(await ledger.accept(forged, [])).toMatchObject({ ok: false });
  await ledger.close();
  const again = await policy.restart(policy.textOf(upTo(9)));
  onTestFinished(() => again.gateway.stop());
  await again.reported('signed by no enrolled person');
  await again.reported('WIDER than what was accepted last');
  expect(await again.call(8)).toMatch(DENIED);
});

test('a server that moves ends no call that is under way: the old process answers it, the next call goes to the new one', async () => {
  const folder = temporaryFolder();
  const ada = await enrolPerson(homeOf(environmentOf(folder)));
  const policy = await live('{ effect: read }', folder);
  const [go, done] = [join(folder, 'go'), join(folder, 'arrived')];
  const slow = join(folder, 'slow.mjs');
  writeFileSync(slow, SLOW_SERVER);
  const text = (version: string): string =>
    `version: 1\nprofile: live\nwho: local\nservers: { rough: ${JSON.stringify({ command: ['node', slow], env: { GO: go, ARRIVED: done, VERSION: version } })} }\ntools: { rough.slow: { effect: read }, rough.rough: { effect: read } }\n`;
  const accept = async (version: string): Promise<void> => {
    policy.write(text(version));
    await policy.reported('a person accepts it with');
    expect(await handOver(policy, await wordOf(policy, ada.signer.sign, ada.signer.kid))).toEqual({ ok: true });
    await policy.reported('in force from the next call on');
  };
  await accept('one');
  const waiting = policy.call(1, 'rough__slow');
  await until(() => existsSync(done));
  await accept('two');
  expect(await policy.call(2)).toBe('two');
  writeFileSync(go, '');
  expect(await waiting).toBe('one');
});

/** `rough` says which process it is; so does `slow`, once the file GO is there. */
const SLOW_SERVER = `
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const { GO, ARRIVED, VERSION } = process.env;
const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
const said = (id) => answer(id, { content: [{ type: 'text', text: VERSION }] });
const tool = (name) => ({ name, inputSchema: { type: 'object' } });
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') answer(id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } });
  else if (method === 'tools/list') answer(id, { tools: [tool('rough'), tool('slow')] });
  else if (method === 'tools/call' && params.name === 'rough') said(id);
  else if (method === 'tools/call') {
    writeFileSync(ARRIVED, '');
    const wait = setInterval(() => existsSync(GO) && (clearInterval(wait), said(id)), 10);
  } else if (id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }) + '\\n');
});
`;
