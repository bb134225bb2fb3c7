import { describe, expect, it } from 'vitest';
import type { CredentialForm } from '../../src/domain/credential-form.ts';
import type { Servers } from '../../src/domain/policy.ts';
import { HEAD, later, problemsIn, ref, SERVERS, saidOfServer } from './policy-text.ts';

const start = `${HEAD}${SERVERS}tools: { crm.act: {} }\n`;
const resources = (...entries: string[]) => `${start}resources:\n${entries.map((one) => `  - ${one}\n`).join('')}`;
const prompts = (...entries: string[]) => `${start}prompts:\n${entries.map((one) => `  - ${one}\n`).join('')}`;

/** What is wrong, the file, and every problem it must be told: `line:column: message`. */
const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  ['asks of a wrong kind', saidOfServer('{ command: [a], asks: [form] }'), ['4:39: expected a mapping, found a list']],
  [
    'asks misspelt',
    saidOfServer('{ command: [a], ask: {}, asks: { elicit: [form], samplings: {} } }'),
    [
      '4:33: unknown key "ask"; did you mean "asks"?',
      '4:50: unknown key "elicit"; expected one of elicitation, sampling, roots',
      '4:66: unknown key "samplings"; did you mean "sampling"?',
    ],
  ],
  [
    'what nobody can be asked',
    saidOfServer('{ command: [a], asks: { elicitation: [forms, url, url], roots: "yes", sampling: true } }'),
    [
      '4:55: expected one of form, url, found "forms"; did you mean "form"?',
      '4:80: expected true or false, found "yes"',
      '4:97: expected a mapping, found true',
    ],
  ],
  [
    'asking in no way',
    saidOfServer('{ command: [a], asks: { elicitation: [] } }'),
    ['4:54: expected a list of at least 1'],
  ],
  [
    'a mode twice',
    saidOfServer('{ command: [a], asks: { elicitation: [url, form, url] } }'),
    ['4:66: "url" is listed twice'],
  ],
  [
    'sampling without bounds',
    saidOfServer('{ command: [a], asks: { sampling: {} } }'),
    ['4:41: "max" is missing; expected a number', '4:41: "max_tokens" is missing; expected a number'],
  ],
  [
    'sampling out of bounds',
    saidOfServer('{ command: [a], asks: { sampling: { max: 0, max_tokens: 1000001 } } }'),
    ['4:58: expected a number of at least 1, found 0', '4:73: expected at most 1000000, found 1000001'],
  ],
  [
    'sampling too often, in parts',
    saidOfServer('{ command: [a], asks: { sampling: { max: 1001, max_tokens: 1.5 } } }'),
    ['4:58: expected at most 1000, found 1001', '4:76: expected a whole number, found 1.5'],
  ],
  [
    'asks of a server that nothing uses',
    `${HEAD}servers: { crm: { command: [a] }, spare: { url: "http://x", asks: { roots: true } } }\ntools: { crm.act: {} }\n`,
    ['4:35: unused: no tool, resource or prompt of "spare" is listed'],
  ],
  [
    'an era',
    saidOfServer('{ command: [a], era: lagacy }'),
    ['4:38: expected one of modern, legacy, found "lagacy"; did you mean "legacy"?'],
  ],
  ['an era of nothing', saidOfServer('{ era: modern }'), ['4:12: expected a command, a package or a url']],
  ['resources that are no list', `${start}resources: {}\n`, ['6:12: expected a list, found a mapping']],
  ['prompts that are no list', `${start}prompts: { crm.p: {} }\n`, ['6:10: expected a list, found a mapping']],
  [
    'entries that say nothing',
    `${start}resources: [{}, crm]\nprompts: [{}, crm]\n`,
    [
      '6:13: "server" is missing; expected text',
      '6:13: "uri" is missing; expected text',
      '6:17: expected a mapping, found "crm"',
      '7:11: "server" is missing; expected text',
      '7:11: "name" is missing; expected text',
      '7:15: expected a mapping, found "crm"',
    ],
  ],
  [
    'entries misspelt',
    `${start}resources: [{ server: crm, url: "a:b" }]\nprompts: [{ server: crm, nam: x, effect: read }]\n`,
    [
      '6:13: "uri" is missing; expected text',
      '6:28: unknown key "url"; did you mean "uri"?',
      '7:11: "name" is missing; expected text',
      '7:26: unknown key "nam"; did you mean "name"?',
      '7:34: unknown key "effect"; expected one of server, name, approval, scopes, labels, sends_to, charges, spend, timeout',
    ],
  ],
  [
    'all of entries that comes later',
    `${start}resources: [{ server: crm, uri: "a:b", labels: [private], sends_to: none, mode: observe }]\nprompts: [{ server: crm, name: x, labels: [private], sends_to: none, mode: observe }]\n`,
    [`6:75: ${later('"mode"')}`, `7:70: ${later('"mode"')}`],
  ],
  [
    'scopes that no token can be for',
    `${start}resources: [{ server: crm, uri: "a:b", scopes: [] }]\nprompts: [{ server: crm, name: x, scopes: [a, a, "b c", 'd"', offline_access] }]\n`,
    [
      '6:48: expected a list of at least 1',
      '7:47: the scope "a" is listed twice',
      '7:50: expected a scope: at most 128 printable characters without blanks, " and \\',
      '7:57: expected a scope: at most 128 printable characters without blanks, " and \\',
      '7:63: offline_access is between a client and its issuer',
    ],
  ],
  [
    'entries of wrong kinds',
    `${start}resources: [{ server: 1, uri: 2, approval: true, charges: { calls: 1 }, timeout: 2h }]\nprompts: [{ server: {}, name: 3, spend: 1 }]\n`,
    [
      '6:23: expected text, found 1',
      '6:31: expected text, found 2',
      '6:44: expected a mapping, found true',
      '6:61: this kind of budget counts by itself and cannot be charged',
      '6:82: expected a duration of more than 0 and at most 1h',
      '7:21: expected text, found a mapping',
      '7:31: expected text, found 3',
      '7:41: expected a mapping, found 1',
    ],
  ],
  [
    'servers that there are not',
    `${start}resources: [{ server: cmr, uri: "a:b" }, { server: crm, uri: "a:c" }]\nprompts: [{ server: other, name: x }]\n`,
    ['6:23: there is no server "cmr"; did you mean "crm"?', '7:21: there is no server "other"'],
  ],
  [
    'entries of a server where none is defined',
    `${HEAD}tools: {}\nprompts: [{ server: crm, name: x }]\n`,
    ['5:21: there is no server "crm"; "servers" defines none'],
  ],
  [
    'patterns of nothing',
    resources(
      '{ server: crm, uri: "**" }',
      '{ server: crm, uri: "" }',
      '{ server: crm, uri: "crm://{id}" }',
      '{ server: crm, uri: "crm://a/../*" }',
      `{ server: crm, uri: "crm://$\{id" }`,
    ),
    [
      '7:25: a pattern must not begin with a wildcard: write the scheme in front, such as crm://**',
      '8:25: expected a URI with its scheme in front, such as crm://cases/*',
      '9:25: expected a pattern, not a template: write * where a template has {name}',
      '10:25: this can match nothing: it has a segment of dots alone, and a wildcard matches no such URI, which could be read two ways',
      '11:25: expected a pattern, not a template: write * where a template has {name}',
    ],
  ],
  [
    'references in patterns',
    resources(
      `{ server: crm, uri: "file://x${ref('session.dir')}/**" }`,
      `{ server: crm, uri: "crm://${ref('policy.dir')}/**" }`,
      `{ server: crm, uri: "file://${ref('policy.dir')}/${ref('policy.dir')}" }`,
      `{ server: "${ref('policy.dir')}", uri: "a:b" }`,
    ),
    [
      `7:25: ${ref('session.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources as file://${ref('session.dir')}`,
      `8:25: ${ref('policy.dir')} works in a uri as file://${ref('policy.dir')} only`,
      `9:25: ${ref('policy.dir')} works in a uri as file://${ref('policy.dir')} only`,
      `9:25: ${ref('policy.dir')} works in a uri as file://${ref('policy.dir')} only`,
      `10:15: ${ref('policy.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources`,
    ],
  ],
  [
    'resources twice, and resources that an entry above leaves nothing to',
    resources(
      '{ server: crm, uri: "crm://a/**" }',
      '{ server: crm, uri: "crm://a/**" }',
      '{ server: crm, uri: "crm://a/*/x", approval: {} }',
      '{ server: crm, uri: "crm://a/secret", approval: {} }',
      '{ server: crm, uri: "crm://a/../b" }',
    ),
    [
      '8:25: these resources are listed twice',
      '9:25: unused: crm://a/** above matches all that this does, and the first that matches judges; put this one before it',
      '10:25: unused: crm://a/** above matches all that this does, and the first that matches judges; put this one before it',
    ],
  ],
  [
    'prompts that are not named one by one',
    prompts(
      '{ server: crm, name: "letters/*" }',
      '{ server: crm, name: "{a,b}" }',
      '{ server: crm, name: "a b" }',
      `{ server: crm, name: ${'a'.repeat(129)} }`,
      '{ server: crm, name: "" }',
    ),
    [
      '7:26: patterns expand against the lock file: run tollgate policy pin p.yaml first',
      '8:26: patterns expand against the lock file: run tollgate policy pin p.yaml first',
      '9:26: expected the name of a prompt: at most 128 letters, digits, "_", ".", "/" and "-"',
      '10:26: expected the name of a prompt: at most 128 letters, digits, "_", ".", "/" and "-"',
      '11:26: expected the name of a prompt: at most 128 letters, digits, "_", ".", "/" and "-"',
    ],
  ],
  [
    'a prompt twice',
    prompts('{ server: crm, name: a }', '{ server: crm, name: b }', '{ server: crm, name: a, approval: {} }'),
    ['9:26: the prompt crm.a is listed twice'],
  ],
  [
    'a budget that nothing charges, not resources and prompts either',
    `${start}resources: [{ server: crm, uri: "a:b", charges: { reads: 1 } }]\nbudgets: { session: { raeds: 1 } }\n`,
    ['7:23: unused: nothing charges "raeds"; did you mean "reads"?'],
  ],
  [
    'a budget that only a broken prompt charges',
    `${start}prompts: [{ server: crm, nme: p, charges: { letters: 1 } }]\nbudgets: { session: { letters: 1 } }\n`,
    ['6:11: "name" is missing; expected text', '6:26: unknown key "nme"; did you mean "name"?'],
  ],
  [
    'no prefix where two servers are used',
    `${HEAD}prefix: false\nservers: { a: { command: [a] }, b: { command: [b] } }\ntools: { a.x: {} }\nprompts: [{ server: b, name: x }]\n`,
    [
      '4:1: "prefix: false" works where one server is used; here it is a, b: take it out, or make a profile for each server',
    ],
  ],
  [
    'no prefix where none is used',
    `${HEAD}prefix: false\ntools: {}\n`,
    [
      '4:1: "prefix: false" works where one server is used; here it is none: take it out, or make a profile for each server',
    ],
  ],
  [
    'no prefix, and one server misspelt',
    `${HEAD}prefix: false\n${SERVERS}tools: { crm.x: {}, cmr.y: {} }\n`,
    ['6:21: there is no server "cmr"; did you mean "crm"?'],
  ],
  [
    'no prefix, and the only server misspelt',
    `${HEAD}prefix: false\ntools: { cmr.y: {} }\n`,
    ['5:10: there is no server "cmr"; "servers" defines none'],
  ],
  [
    'a prefix of another kind',
    `${start}prefix: crm\nprompts: [{ server: crm, name: x }]\n`,
    ['6:9: expected true or false, found "crm"'],
  ],
];

describe('a policy with something wrong in what it lists is refused, with all that is wrong, where it is', () => {
  it.each(TABLE)('%s', (_name, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe('a server that the deployment defines', () => {
  const servers: Servers = new Map([['crm', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined }]]);

  it('has the era that the deployment says', () => {
    expect(problemsIn(saidOfServer('{ era: legacy }'), servers)).toEqual([
      '4:12: the server "crm" is defined twice: gateway.yaml defines it',
    ]);
  });

  it('is not shared where it knows each caller by a credential of their own', () => {
    const client = { id: 'gateway', secret: 'env://SECRET' };
    const issued = { issuer: 'https://login.example.com', client, introspection: false };
    const withCredential = (credential: CredentialForm): Servers =>
      new Map([['crm', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined, credential }]]);
    const exchange = { kind: 'exchange', ...issued, audience: 'crm', resource: undefined, actor: undefined } as const;
    const own = { kind: 'client_credentials', ...issued, resource: undefined, scopes: [] } as const;
    const text = saidOfServer('{ shared: true }');
    expect(problemsIn(text, withCredential(exchange))).toEqual([
      expect.stringContaining('a shared server serves all sessions, and this one takes a credential of each caller'),
    ]);
    expect(problemsIn(text, withCredential(own))).toEqual([]);
  });

  it('is used by a resource or a prompt as by a tool', () => {
    const asks = 'servers: { crm: { asks: { roots: true } } }\n';
    expect(problemsIn(`${HEAD}${asks}tools: {}\nprompts: [{ server: crm, name: x }]\n`, servers)).toEqual([]);
    expect(problemsIn(`${HEAD}${asks}tools: {}\nresources: [{ server: crm, uri: "a:b" }]\n`, servers)).toEqual([]);
    expect(problemsIn(`${HEAD}${asks}tools: {}\n`, servers)).toEqual([
      '4:12: unused: no tool, resource or prompt of "crm" is listed',
    ]);
  });
});
