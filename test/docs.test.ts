/**
 * What the documentation shows of policies is so: every block of YAML loads, and the policies over published servers fit these
 * servers as they are, with calls made through a gateway.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { issuersOf, loadConfig } from '../src/config.ts';
import { problemText } from '../src/document/document.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { Lock } from '../src/domain/lock.ts';
import { credentialOf, type Profile } from '../src/domain/policy.ts';
import { RIGHTS, ROLES } from '../src/domain/role.ts';
import { PolicyBook } from '../src/policy/book.ts';
import { loadPolicy } from '../src/policy/file/load.ts';
import { outline, serverShape, sessionShape, testShape } from '../src/policy/file/policy-shape.ts';
import { promptShape, resourceShape, toolShape } from '../src/policy/file/target-shape.ts';
import { misfitsOf } from '../src/policy/judge/misfits.ts';
import { type Agent, secondLine } from './clients/agents.ts';
import { blocksOf } from './stories/support/shown.ts';
import { type RunningGateway, startGateway, temporaryFolder } from './support/gateway.ts';
import { pinned } from './support/pin.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const CHROMIUM = '/usr/bin/chromium';
const LONGEST = 60;
const SLOW = 120_000;

const textOf = (page: string): string => readFileSync(join(REPOSITORY, 'docs', page), 'utf8');
const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(REPOSITORY, 'docs', folder)).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : []));

function loaded(file: string, text: string, lock?: Lock): Profile {
  const profile = loadPolicy({ file, text, lock });
  if (!profile.ok) throw new Error(profile.error.map(problemText).join('\n'));
  return profile.value;
}

const REFERENCE = blocksOf(textOf('policy.md'), 'yaml').map((text) => ({
  profile: /^profile: ([a-z-]+)/m.exec(text)?.[1] ?? '',
  text,
}));

describe('docs/policy.md', () => {
  const folder = temporaryFolder();
  for (const { profile, text } of REFERENCE) writeFileSync(join(folder, `${profile}.yaml`), text);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(REFERENCE)('shows the policy $profile, which loads', ({ profile }) => {
    const added = new PolicyBook(new Map()).addFile(join(folder, `${profile}.yaml`));
    if (!added.ok) throw new Error(added.error.join('\n'));
    expect(added.value.tools.size).toBeGreaterThan(0);
  });
});

test('docs/login.md shows a deployment whose people log in, which loads', () => {
  const [deployment = '', ...more] = blocksOf(textOf('login.md'), 'yaml');
  expect(more).toEqual([]);
  const config = loadConfig({ file: '/deployment/gateway.yaml', text: deployment });
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  const forms = [...config.value.servers].map(([name, address]) => [name, credentialOf(address)]);
  expect(Object.fromEntries(forms)).toEqual({
    crm: { kind: 'login', issuer: undefined, client: undefined, scopes: undefined },
    wiki: {
      kind: 'login',
      issuer: 'https://login.example.com',
      client: { id: 'tollgate', secret: 'env://WIKI_CLIENT' },
      scopes: ['pages:read'],
    },
  });
});

test('docs/identity.md shows a deployment and a policy for its callers, which load', () => {
  const [deployment = '', policy = '', ...more] = blocksOf(textOf('identity.md'), 'yaml');
  const config = loadConfig({ file: '/deployment/gateway.yaml', text: deployment });
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  expect(config.value.listen.publicUrl).toBe('https://tools.example.com');
  expect(config.value.trustedIssuers).toMatchObject([
    { apiAudience: 'https://tools.example.com/api', keys: undefined, tenant: 'org', algorithms: ['ES256'] },
    { keys: '/deployment/partner-keys.json', introspection: { client: { secret: 'env://PARTNER_SECRET' } } },
  ]);
  const added = new PolicyBook(new Map(), issuersOf(config.value)).add({ file: 'support.yaml', text: policy });
  expect(added.ok ? added.value.who : added.error).toHaveLength(4);
  expect(more).toEqual([]);
});

test('docs/outgoing.md shows a deployment with every kind of secret, which loads', () => {
  const [deployment = '', ...more] = blocksOf(textOf('outgoing.md'), 'yaml');
  const config = loadConfig({ file: '/deployment/gateway.yaml', text: deployment });
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  const { secrets = {} } = config.value.servers.get('reports') as { secrets?: Readonly<Record<string, string>> };
  expect(Object.values(secrets).map((reference) => reference.split(':')[0])).toEqual([
    'file',
    'exec',
    'keychain',
    'env',
  ]);
  expect(config.value.outgoing.private).toEqual(['10.20.0.0/16', 'fd12:3456::/48']);
  expect(more).toEqual([]);
});

test('docs/credentials.md shows a deployment that loads, with every form', () => {
  const [deployment = '', ...more] = blocksOf(textOf('credentials.md'), 'yaml');
  const config = loadConfig({ file: '/deployment/gateway.yaml', text: deployment });
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  const kinds = [...config.value.servers.values()].map((address) => credentialOf(address)?.kind);
  expect(kinds).toEqual(['exchange', 'id_jag', 'client_credentials', 'header', undefined]);
  expect(more).toEqual([]);
});

test('docs/people.md shows a deployment with people and a policy with proofs, which load, and what each role may', () => {
  const [deployment = '', policy = '', ...more] = blocksOf(textOf('people.md'), 'yaml');
  const config = loadConfig({ file: '/deployment/gateway.yaml', text: deployment });
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  const { roles, owners, signIn } = config.value.people;
  expect(new Set(roles.map(({ role }) => role))).toEqual(new Set(ROLES));
  expect([owners.length, signIn?.client.id, more]).toEqual([1, 'tollgate', []]);
  expect(loaded('/policies/support.yaml', policy).tools.size).toBe(2);
  const rows = [...textOf('people.md').matchAll(/^\| ([a-z ]+) \| ([a-z, ]+) \|$/gm)].map(([, right, who]) => [
    right,
    who,
  ]);
  expect(rows.shift()).toEqual(['may', 'roles']);
  expect(rows).toEqual(Object.entries(RIGHTS).map(([right, who]) => [right, who.join(', ')]));
});

test('no other page of docs has a policy that nothing loads', () => {
  const loaded = [
    'policy.md',
    'identity.md',
    'outgoing.md',
    'credentials.md',
    'people.md',
    'login.md',
    'notifications.md',
  ];
  const others = pagesIn('.').filter((page) => !loaded.includes(page));
  expect(others.filter((page) => /```ya?ml/.test(textOf(page)))).toEqual([]);
});

test('docs/policy.md shows every key that there is', () => {
  const shown = new Set(blocksOf(textOf('policy.md'), 'yaml').flatMap((text) => keysOf(parse(text))));
  const shapes = [outline, serverShape, toolShape, resourceShape, promptShape, testShape, sessionShape];
  const keys = shapes.flatMap((shape) => Object.keys(shape.shape));
  expect(keys.filter((key) => !shown.has(key) && !textOf('policy.md').includes(`${key}: `))).toEqual([]);
  expect(keys).toContain('not_after');
});

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => [key, ...keysOf(member)])
    : [];

interface Shown {
  readonly name: string;
  /** What stands in the policy for something of this test. */
  readonly changes: (text: string) => string;
  readonly calls: readonly (readonly [tool: string, given: JsonObject, answer: RegExp])[];
  /** What this machine has to have. */
  readonly needs?: string;
}

const site = createServer((_, response) => {
  response.setHeader('content-type', 'text/html').end('<title>Roads</title><h1>A road with a toll</h1>');
});
const here = (): string => `127.0.0.1:${(site.address() as AddressInfo).port}`;
beforeAll(() => new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening)));
afterAll(() => site.close());

/** The page's one site is this test's own, and its Chromium starts as root too. */
const onLoopback = (text: string): string =>
  text
    .replaceAll('https://docs.example.com', `http://${here()}`)
    .replace('an https URL at docs.example.com', `an http URL at ${here()}`)
    .replace('hosts: [docs.example.com]', `hosts: ["${here()}"], schemes: [http]`)
    .replace('--isolated', '--isolated, --no-sandbox');

const same = (text: string): string => text;

const SERVERS: readonly Shown[] = [
  {
    name: 'filesystem',
    changes: same,
    calls: [
      ['files__write_file', { path: 'today.md', content: 'Rain.' }, /today\.md/],
      ['files__read_text_file', { path: 'today.md' }, /^Rain\.$/],
      ['files__read_text_file', { path: '../policy.yaml' }, /^DENIED, NOT DONE: `path` must be a path within \. /],
      ['files__list_directory', { path: '.' }, /\[FILE\] today\.md/],
    ],
  },
  {
    name: 'memory',
    changes: same,
    calls: [
      [
        'memory__create_entities',
        { entities: [{ name: 'ada', entityType: 'person', observations: ['Writes the minutes.'] }] },
        /"ada"/,
      ],
      ['memory__search_nodes', { query: 'minutes' }, /Writes the minutes\./],
      [
        'memory__create_entities',
        { entities: [{ name: 'key', entityType: 'password', observations: [] }] },
        /^DENIED, NOT DONE/,
      ],
    ],
  },
  {
    name: 'everything',
    changes: same,
    calls: [
      ['everything__echo', { message: 'Hi.' }, /^Echo: Hi\.$/],
      ['everything__get-sum', { a: 2, b: 3 }, /5/],
      ['everything__get-resource-links', { count: 9 }, /^DENIED, NOT DONE: `count` must be <= 3/],
    ],
  },
  {
    name: 'playwright',
    changes: onLoopback,
    needs: CHROMIUM,
    calls: [
      ['browser__browser_navigate', { url: 'SITE' }, /Page Title: Roads/],
      ['browser__browser_snapshot', {}, /A road with a toll/],
      ['browser__browser_navigate', { url: 'http://127.0.0.1:1/' }, /^DENIED, NOT DONE: `url` must be /],
      ['browser__browser_snapshot', { filename: 'a.md' }, /^DENIED, NOT DONE: `filename` must be /],
    ],
  },
];

test('every page of docs/policies is tried below', () => {
  expect(SERVERS.map(({ name }) => join('policies', `${name}.md`)).toSorted()).toEqual(pagesIn('policies').toSorted());
});

describe.each(SERVERS)('the page of $name', ({ name, changes, calls, needs }) => {
  const page = textOf(join('policies', `${name}.md`));
  const blocks = blocksOf(page, 'yaml');
  const [written = ''] = blocks;
  const [shown = ''] = blocksOf(page, 'text');

  test('shows one policy that fits on a screen', () => {
    expect(blocks).toHaveLength(1);
    expect(written.split('\n').length).toBeLessThan(LONGEST);
  });

  const absent = needs !== undefined && !existsSync(needs);
  describe.skipIf(absent)(absent ? `(skipped: there is no ${needs})` : 'beside its server', () => {
    const folder = temporaryFolder();
    let lock: Lock;
    let gateway: RunningGateway;
    let agent: Agent;

    beforeAll(async () => {
      symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
      mkdirSync(join(folder, 'files'));
      const policy = changes(written);
      lock = await pinned(folder, policy);
      writeFileSync(join(folder, 'policy.lock.json'), lock.text);
      gateway = await startGateway(policy, { folder });
      agent = await secondLine(gateway, 'http', 'auto');
    }, SLOW);
    afterAll(async () => {
      await agent.close();
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
    }, SLOW);

    test('fits every tool that the server lists, and its own tests pass', () => {
      const profile = loaded(join(folder, 'policy.yaml'), changes(written), lock);
      const misfits = [...lock.servers].flatMap(([server, { definitions }]) => misfitsOf(profile, server, definitions));
      expect(misfits).toEqual([]);
    });

    test('is told to the agent in the words of the page', async () => {
      const [tool, ...words] = changes(shown).split('\n');
      const described = (await agent.tools()).find((one) => one.name === tool)?.description ?? '';
      expect(described.split(/\s+/)).toEqual(words.join(' ').split(/\s+/).slice(0, -1));
    });

    test('lets through what it allows, and nothing else', { timeout: SLOW }, async () => {
      for (const [tool, given, answer] of calls) {
        const sent = given['url'] === 'SITE' ? { url: `http://${here()}/` } : given;
        expect((await agent.call(tool, sent)).text).toMatch(answer);
      }
    });
  });
});
