/** A gateway as people run it, before a server that wants each user’s own login; the agents are on both lines of the SDK. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { protectedDesk } from '../support/protected-desk.ts';

/** What is on loopback is asked only where the operator wrote it, so the authorization server stands in the file, too. */
async function gatewayBefore(
  { url, issuer }: { readonly url: string; readonly issuer: string },
  folder = temporaryFolder(),
): Promise<RunningGateway> {
  writeFileSync(
    join(folder, 'gateway.yaml'),
    `version: 1\nservers: { crm: { url: "${url}", era: modern, credential: { login: {} } }, login: { url: "${issuer}" } }\n`,
  );
  const policy = 'version: 1\nprofile: desk\nwho: local\ntools:\n  crm.look: { effect: read }\n';
  const gateway = await startGateway(policy, { folder, words: ['--config', join(folder, 'gateway.yaml')] });
  onTestFinished(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return gateway;
}

/** A browser in which ada logs in wherever she is asked who she is. */
async function logIn(link: string, browser = new Browser()): Promise<Response> {
  const page = await browser.open(link);
  const at = page.url;
  const form =
    page.headers.get('content-type')?.includes('html') === true && (await page.clone().text()).includes('<form');
  if (!form) return page;
  const answered = await browser.visit(at, {}, new URLSearchParams({ login: 'ada' }));
  return browser.open(new URL(answered.headers.get('location') ?? '', at).href);
}

const headersOf = ({ token }: RunningGateway) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

async function modernAgent(gateway: RunningGateway): Promise<ModernClient> {
  const agent = new ModernClient(
    { name: 'agent', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await agent.connect(new ModernHttp(new URL(gateway.url), headersOf(gateway)));
  onTestFinished(() => agent.close());
  return agent;
}

test('an agent that can show no URL tells its user where to log in, and then acts in their name', async () => {
  const desk = await protectedDesk();
  const gateway = await gatewayBefore(desk);
  const agent = await modernAgent(gateway);
  const first = await agent.callTool({ name: 'crm__look', arguments: {} });
  const link = String(first._meta?.['tollgate/login']);
  expect(first.isError).toBe(true);
  expect(JSON.stringify(first.content)).toContain(
    `NOT DONE: the user must log in to crm first. Do not open this yourself. Tell the user to open: ${link}`,
  );
  expect(link).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${gateway.port}/login/[\\w-]{43}$`));

  const set = await new Browser().visit(link);
  expect(set.status).toBe(303);
  expect(set.headers.get('set-cookie')).toMatch(
    /^tollgate-login-[\w-]{8}=[\w-]{43}; Max-Age=600; Path=\/;.* HttpOnly; SameSite=Lax$/,
  );
  expect(set.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect((await new Browser().visit(link)).status).toBe(404);
  const stolen = new URL(set.headers.get('location') ?? '').searchParams.get('state') ?? '';
  const back = `http://127.0.0.1:${gateway.port}/oauth/callback?${new URLSearchParams({ state: stolen, code: 'x', iss: desk.issuer })}`;
  expect((await new Browser().visit(back)).status).toBe(404);

  const again = await agent.callTool({ name: 'crm__look', arguments: {} });
  const done = await logIn(String(again._meta?.['tollgate/login']));
  expect(done.status).toBe(200);
  expect(await done.text()).toContain('You are logged in to crm.');
  expect(await agent.callTool({ name: 'crm__look', arguments: {} })).toMatchObject({ content: [{ text: 'seen' }] });
  expect((await agent.listTools()).tools.map(({ name }) => name)).toContain('crm__look');
  expect(desk.callers).toEqual(['ada']);
  expect(readdirSync(join(gateway.home.folder, 'logins'))).toHaveLength(2);
  const { stdout } = await gateway.command(
    'trace',
    (await gateway.command('sessions')).stdout.match(/s_[\w-]{22}/)?.[0] ?? '',
  );
  expect(stdout).toContain('reason=no_credential why=its user has to log in there server=crm');
});

test('a token that the server takes no more is renewed as the connection is opened, in the same call', async () => {
  const desk = await protectedDesk();
  const folder = temporaryFolder();
  const first = await gatewayBefore(desk, folder);
  const refused = await modernAgent(first).then((agent) => agent.callTool({ name: 'crm__look', arguments: {} }));
  await logIn(String(refused._meta?.['tollgate/login']));
  const agent = await modernAgent(first);
  expect(await agent.callTool({ name: 'crm__look', arguments: {} })).toMatchObject({ content: [{ text: 'seen' }] });
  await first.stop();
  const grants = desk.authority.seen.filter(({ path }) => path === '/token').length;
  desk.turnAway();
  const other = await modernAgent(await gatewayBefore(desk, folder));
  expect(await other.callTool({ name: 'crm__look', arguments: {} })).toMatchObject({ content: [{ text: 'seen' }] });
  const renewals = desk.authority.seen.filter(({ path }) => path === '/token').slice(grants);
  expect(renewals.map(({ parameters }) => parameters['grant_type'])).toEqual(['refresh_token']);
});

test('an agent that can is offered the link once, and its call goes on when its user has logged in', async () => {
  const desk = await protectedDesk();
  const gateway = await gatewayBefore(desk);
  const elicitation = { url: {} };
  const opened: string[] = [];
  const agent = new ModernClient(
    { name: 'claude-code', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } }, capabilities: { elicitation } },
  );
  agent.setRequestHandler('elicitation/create', async ({ params }) => {
    if (params.mode === 'url') opened.push(params.url);
    void logIn(opened[0] ?? '');
    return { action: 'accept' };
  });
  await agent.connect(new ModernHttp(new URL(gateway.url), headersOf(gateway)));
  onTestFinished(() => agent.close());
  expect(await agent.callTool({ name: 'crm__look', arguments: {} })).toMatchObject({ content: [{ text: 'seen' }] });
  expect(opened).toHaveLength(1);
  expect(desk.callers).toEqual(['ada']);
});

test('so is one of the older era, on the stream of its call; who declines reads the sentence', async () => {
  const desk = await protectedDesk();
  const gateway = await gatewayBefore(desk);
  const answers: ('decline' | 'accept')[] = ['decline', 'accept'];
  const agent = new LegacyClient({ name: 'claude-code', version: '1' }, { capabilities: { elicitation: { url: {} } } });
  agent.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    const action = answers.shift() ?? 'decline';
    if (action === 'accept' && params.mode === 'url') void logIn(params.url);
    return { action };
  });
  await agent.connect(new LegacyHttp(new URL(gateway.url), headersOf(gateway)) as never);
  onTestFinished(() => agent.close());
  expect(JSON.stringify(await agent.callTool({ name: 'crm__look', arguments: {} }))).toContain(
    'NOT DONE: the user must log in',
  );
  expect(await agent.callTool({ name: 'crm__look', arguments: {} })).toMatchObject({ content: [{ text: 'seen' }] });
  expect(desk.callers).toEqual(['ada']);
});
