import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Servers, TargetPolicy } from '../../src/domain/policy.ts';
import { loadPolicy } from '../../src/policy/file/load.ts';
import { HEAD, PLAIN, problemsIn, profileOf, ref, SERVERS } from './policy-text.ts';

const start = `${HEAD}${SERVERS}tools: {}\n`;
const deployed: Servers = new Map([['crm', { kind: 'http', url: 'http://127.0.0.1:1/', era: 'legacy' }]]);

describe('what a server may ask of the client', () => {
  const asksOf = (keys: string, servers?: Servers) =>
    profileOf(`${HEAD}servers: { crm: { ${keys} } }\ntools: { crm.act: {} }\n`, servers).asks;

  it('is what the policy says, all parts optional', () => {
    expect(
      asksOf(
        'command: [a], asks: { elicitation: [form, url], sampling: { max: 3, max_tokens: 1000 }, roots: true }',
      ).get('crm'),
    ).toEqual({ elicitation: ['form', 'url'], sampling: { max: 3, maxTokens: 1000 }, roots: true });
    expect(asksOf('command: [a], asks: { elicitation: [url] }').get('crm')).toEqual({
      elicitation: ['url'],
      sampling: undefined,
      roots: false,
    });
  });

  it('is nothing where it is unsaid', () => {
    expect([...asksOf('command: [a]')]).toEqual([]);
    expect(asksOf('command: [a], asks: {}').get('crm')).toEqual({
      elicitation: [],
      sampling: undefined,
      roots: false,
    });
  });

  it('is said of a server that the deployment defines, too', () => {
    expect(asksOf('asks: { roots: true }', deployed).get('crm')).toMatchObject({ roots: true });
  });
});

describe('the era that a server speaks', () => {
  it('is said beside how it is reached, or found out', () => {
    const { servers } = profileOf(
      `${HEAD}servers: { a: { command: [a], era: modern }, b: { url: "http://x", era: legacy }, c: { command: [c] } }\ntools: { a.x: {}, b.x: {}, c.x: {} }\n`,
    );
    expect([...servers.values()].map(({ era }) => era)).toEqual(['modern', 'legacy', undefined]);
  });
});

const profile = profileOf(`${start}resources:
  - { server: crm, uri: "crm://cases/secret", approval: { reason: Secret. } }
  - { server: crm, uri: "crm://cases/*", charges: { reads: 1 }, spend: { amount: 0.5 }, timeout: 5s }
prompts:
  - { server: crm, name: summary }
  - { server: crm, name: letters/new, charges: { letters: 2 }, timeout: 2s, approval: {} }
budgets: { session: { reads: 5, letters: 4, spend: { max: 1, currency: EUR } } }
`);

describe('resources', () => {
  it('are in the order of the file, each with its contract', () => {
    expect(profile.resources.map(({ contract }) => contract)).toMatchObject([
      {
        kind: 'resource',
        server: 'crm',
        name: 'crm://cases/secret',
        effect: 'read',
        charges: {},
        timeout: 60_000,
      },
      {
        kind: 'resource',
        server: 'crm',
        name: 'crm://cases/*',
        effect: 'read',
        charges: { reads: 1, spend: 500_000 },
        timeout: 5000,
      },
    ]);
    expect(profile.caps).toMatchObject({ reads: 5, letters: 4 });
  });

  it('match by their patterns, and cover templates', () => {
    const matching = (uri: string) => profile.resources.map((one) => one.matches(uri, '/'));
    expect(matching('crm://cases/secret')).toEqual([true, true]);
    expect(matching('crm://cases/7')).toEqual([false, true]);
    expect(matching('crm://cases/7/notes')).toEqual([false, false]);
    expect(profile.resources.map((one) => one.covers('crm://cases/{id}', '/'))).toEqual(['some', 'all']);
  });

  it('wait for a person where the policy says so, and by that rule’s name', () => {
    const [secret, others] = profile.resources;
    const rule = 'resource crm crm://cases/secret.approval';
    expect(secret?.judge({}, PLAIN)).toMatchObject({
      verdict: 'allow',
      rules: [rule],
      needs: [{ kind: 'rule', rule, reason: 'Secret.' }],
    });
    expect(others?.judge({}, PLAIN)).toMatchObject({
      verdict: 'allow',
      rules: ['resource crm crm://cases/*'],
      needs: [],
    });
    expect(profile.resources.map(({ canHold }) => canHold)).toEqual([true, false]);
  });

  it('may be files beside the policy, whatever its folder is called', () => {
    const matches = (file: string, uri: string) => {
      const loaded = loadPolicy({
        file,
        text: `${start}resources: [ { server: crm, uri: "file://${ref('policy.dir')}/*.md" } ]\n`,
      });
      return loaded.ok && loaded.value.resources.some((one) => one.matches(uri, '/'));
    };
    const beside = (file: string, name: string) => pathToFileURL(resolve(dirname(file), name)).href;
    expect(matches('p.yaml', beside('p.yaml', 'a.md'))).toBe(true);
    expect(matches('p.yaml', beside('p.yaml', 'a.txt'))).toBe(false);
    expect(matches('my é/p.yaml', beside('my é/p.yaml', 'a.md'))).toBe(true);
    expect(matches('a*/p.yaml', beside('ab/p.yaml', 'x.md'))).toBe(false);
  });
});

describe('prompts', () => {
  it('are known by server and name, each with its contract', () => {
    expect([...profile.prompts.keys()]).toEqual(['crm.summary', 'crm.letters/new']);
    expect(profile.prompts.get('crm.letters/new')?.contract).toMatchObject({
      kind: 'prompt',
      server: 'crm',
      name: 'letters/new',
      effect: 'read',
      charges: { letters: 2 },
      timeout: 2000,
    });
  });

  it('wait for a person where the policy says so, and by that rule’s name', () => {
    const rules = (name: string) => profile.prompts.get(name)?.judge({ any: 'thing' }, PLAIN).rules;
    expect(rules('crm.summary')).toEqual(['prompt crm.summary']);
    expect(rules('crm.letters/new')).toEqual(['prompt crm.letters/new.approval']);
    expect([...profile.prompts.values()].map(({ canHold }) => canHold)).toEqual([false, true]);
  });
});

describe('resources and prompts', () => {
  it('inherit the timeout of their server, and only read whatever its tools do', () => {
    const { resources, prompts } = profileOf(
      `${HEAD}servers: { crm: { command: [a], defaults: { effect: write, timeout: 9s } } }\ntools: {}\nresources: [{ server: crm, uri: "a:b" }]\nprompts: [{ server: crm, name: p }]\n`,
    );
    for (const { contract } of [...resources, ...prompts.values()])
      expect(contract).toMatchObject({ effect: 'read', timeout: 9000 });
  });

  it('need their servers as tools do', () => {
    const twoServers = `${HEAD}servers: { a: { url: "http://a" }, b: { url: "http://b", asks: { roots: true } } }\ntools: {}\n`;
    const both = profileOf(`${twoServers}resources: [{ server: a, uri: "a:b" }]\nprompts: [{ server: b, name: p }]\n`);
    expect([...both.servers.keys()].sort()).toEqual(['a', 'b']);
    expect([...both.asks.keys()]).toEqual(['b']);
  });

  it('may be none', () => {
    expect(problemsIn(`${HEAD}tools: {}\nresources: []\nprompts: []\n`)).toEqual([]);
  });

  it('are bound by digest to their rules, not to the rest of the file', () => {
    const digests = (entry: string, more = '') => {
      const { resources, prompts } = profileOf(
        `${start}resources: [{ server: crm, uri: "a:b"${entry} }${more}]\nprompts: [{ server: crm, name: p${entry} }]\n`,
      );
      return [resources[0], prompts.get('crm.p')].map((one: TargetPolicy | undefined) => one?.digest);
    };
    const plain = digests('');
    expect(digests('', ', { server: crm, uri: "a:c" }')).toEqual(plain);
    expect(new Set(plain).size).toBe(2);
    for (const entry of [', timeout: 1s', ', approval: {}', ', charges: { a: 1 }', ', spend: { amount: 1 }'])
      for (const [at, digest] of digests(entry).entries()) expect(digest).not.toBe(plain[at]);
  });
});

describe('a profile without prefix', () => {
  it('shows agents the names of its one server, whatever it uses of it', () => {
    expect(profileOf(`${start}prefix: false\nresources: [{ server: crm, uri: "a:b" }]\n`).prefixed).toBe(false);
    expect(profileOf(`${HEAD}prefix: false\ntools: { crm.a: {}, crm.b: {} }\n`, deployed).prefixed).toBe(false);
  });

  it('is asked for', () => {
    const end = 'prompts: [{ server: crm, name: p }]\n';
    expect(profileOf(start + end).prefixed).toBe(true);
    expect(profileOf(`${start}prefix: true\n${end}`).prefixed).toBe(true);
  });
});
