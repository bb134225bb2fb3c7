import { describe, expect, it } from 'vitest';
import { HEAD, later, problemsIn, ref, SERVERS, saidOfServer } from './policy-text.ts';

const start = HEAD + SERVERS;

/** What is wrong, the file, and every problem it must be told: `line:column: message`. */
const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  ['nothing in it', '', ['1:1: the file is empty; expected a mapping']],
  ['only a comment', '# soon\n', ['1:1: the file is empty; expected a mapping']],
  ['a list', '- version: 1\n', ['1:1: expected a mapping of keys and values']],
  ['a text', 'deny everything\n', ['1:1: expected a mapping of keys and values']],
  [
    'a bracket left open',
    `${HEAD}tools: { a.b: {}\n`,
    ['5:1: no valid YAML: a "{" above is never closed; expected "}"'],
  ],
  ['a key twice', `${HEAD}who: local\n`, ['4:1: no valid YAML: this key is written twice']],
  [
    'a second document',
    `${HEAD}tools: {}\n---\ntools: {}\n`,
    ['5:1: no valid YAML: a second document starts here; expected one'],
  ],
  ['a key that is no text', `${HEAD}? [a]\n: 1\n`, ['4:3: no valid YAML: a key must be text']],
  [
    'an anchor and its alias',
    `${HEAD}servers: &s { crm: { command: [a] } }\ntools: *s\n`,
    ['4:13: anchors are not accepted; write the value out', '5:8: aliases are not accepted; write the value out'],
  ],
  ['a tag', `${HEAD}tools: !!map {}\n`, ['4:14: tags are not accepted']],
  [
    'a key that reaches for prototypes',
    `${HEAD}tools: { __proto__: {} }\n`,
    ['4:10: "__proto__" is not accepted as a key'],
  ],
  [
    'numbers that would not be read as written',
    `${HEAD}tools: { a: [9007199254740993, 0.1000000000000000055, .inf, .nan] }\n`,
    [
      '4:14: expected a finite number of at most 15 digits, or text in quotes',
      '4:32: expected a finite number of at most 15 digits, or text in quotes',
      '4:55: expected a finite number of at most 15 digits, or text in quotes',
      '4:61: expected a finite number of at most 15 digits, or text in quotes',
    ],
  ],
  [
    'a file over 1 MiB',
    `${start}tools: { crm.act: {} }\n#${'x'.repeat(1024 * 1024)}`,
    ['1:1: the file is larger than 1 MiB'],
  ],
  ['levels without end', `${HEAD}tools: ${'['.repeat(64)}${']'.repeat(64)}\n`, ['4:71: nested deeper than 64 levels']],
  [
    'nothing that it must have',
    'budgets: { session: {} }\n',
    [
      '1:1: "version" is missing; expected 1',
      '1:1: "profile" is missing; expected text',
      '1:1: "who" is missing; expected local or a list',
      '1:1: "tools" is missing; expected a mapping',
    ],
  ],
  [
    'a head that is wrong throughout, and tools that are too',
    'version: 2\nprofile: Demo\nwho: locl\nserver: {}\nflows: []\ntools: { crm.act: { efect: read } }\n',
    [
      '1:10: expected 1, found 2',
      '2:10: expected a name: lower-case letters, digits and "-", a letter first',
      '3:6: expected local, found "locl"; did you mean "local"?',
      '4:1: unknown key "server"; did you mean "servers"?',
      '6:10: there is no server "crm"; "servers" defines none',
      '6:21: unknown key "efect"; did you mean "effect"?',
    ],
  ],
  [
    'every part of a file that comes later',
    `${start}tools: { crm.act: {} }\noldest_era: x\nsession: { record: full }\n`,
    [`6:1: ${later('"oldest_era"')}`, `7:12: ${later('"record"')}`],
  ],
  [
    'nobody to let in',
    `version: 1\nprofile: demo\nwho: []\n${SERVERS}tools: { crm.act: {} }\n`,
    ['3:6: expected a list of at least 1'],
  ],
  [
    'whom to let in as a mapping',
    `version: 1\nprofile: demo\nwho: { issuer: "https://a.example" }\n${SERVERS}tools: { crm.act: {} }\n`,
    ['3:6: expected local or a list, found a mapping'],
  ],
  [
    'a name of a server',
    `${HEAD}servers: { CRM: { command: [a] } }\ntools: { CRM.act: {} }\n`,
    ['4:12: expected a server name: lower-case letters, digits and "-", a letter first'],
  ],
  ['a server that nobody can reach', saidOfServer('{}'), ['4:12: expected a command, a package or a url']],
  [
    'a server reached twice over',
    saidOfServer('{ command: [a], url: "http://x" }'),
    ['4:33: a server has a command or a url, not both'],
  ],
  ['a server that is no mapping', saidOfServer('http://x'), ['4:17: expected a mapping, found "http://x"']],
  ['no word to start', saidOfServer('{ command: [] }'), ['4:28: expected a list of at least 1']],
  ['an empty word to start', saidOfServer('{ command: [""] }'), ['4:29: expected a program to start']],
  [
    'an environment for a URL',
    saidOfServer('{ url: "http://x", env: { A: b } }'),
    ['4:36: "env" is for a server with a command or a package'],
  ],
  [
    'a package and another way',
    saidOfServer('{ command: [a], package: "npm:x@1.0.0", cwd: work }'),
    ['4:33: a server has a command or a package, not both'],
  ],
  [
    'words for a command beside it',
    saidOfServer('{ command: [a], arguments: [b] }'),
    ['4:33: "arguments" is for a server with a package'],
  ],
  ['another scheme', saidOfServer('{ url: "ftp://x" }'), ['4:24: expected an http:// or https:// URL']],
  [
    'a secret in a URL',
    saidOfServer('{ url: "https://me:pw@x" }'),
    ['4:24: a URL holds no user name or password: secrets are references, never literals'],
  ],
  [
    'values that are no text',
    saidOfServer('{ command: [node, 1], env: { 1A: x, B: 2, C: { secret: "env://X" } } }'),
    [
      '4:35: expected text, found 1',
      '4:46: expected the name of an environment variable',
      '4:56: expected text, in quotes, found 2',
      '4:62: a secret is for a server of gateway.yaml: define this server there',
    ],
  ],
  [
    'all of a server that comes later',
    saidOfServer(
      '{ command: [a], environment: prodution, credential: {}, sandbox: {}, shared: true, meta: [], defaults: { labels: [], sends_to: x } }',
    ),
    [
      '4:46: expected one of production, staging, development, test, found "prodution"; did you mean "production"?',
      '4:57: "credential" belongs in gateway.yaml, at servers.NAME: secrets live in the deployment',
      `4:73: ${later('"sandbox"')}`,
      `4:100: ${later('"meta"')}`,
      '4:144: expected one of none, internal, external, found "x"',
    ],
  ],
  [
    'a shared server that belongs to one session, or asks one client',
    saidOfServer(`{ command: [a, "${ref('session.dir')}"], shared: true }`),
    [`4:51: a shared server is in no session's folder: take out ${ref('session.dir')}, or this`],
  ],
  [
    'a shared server that asks',
    saidOfServer('{ command: [a], shared: true, asks: { roots: true } }'),
    ['4:33: a shared server may ask nothing: whose client it asks could not be told'],
  ],
  [
    'a server for nothing',
    `${HEAD}servers: { crm: { command: [a] }, spare: { url: "http://x" } }\ntools: { crm.act: {} }\n`,
    ['4:35: unused: no tool, resource or prompt of "spare" is listed'],
  ],
  [
    'a session’s folder where it would choose the program, or a folder that is not there yet',
    saidOfServer(`{ command: ["${ref('session.dir')}/run"], cwd: "${ref('session.dir')}/work" }`),
    [
      `4:29: a program in ${ref('session.dir')} is one that an agent could have put there`,
      `4:57: as a cwd ${ref('session.dir')} stands alone: there is no folder in it yet`,
    ],
  ],
  [
    'a session’s folder in a URL',
    saidOfServer(`{ url: "http://x/${ref('session.dir')}" }`),
    [
      `4:24: ${ref('session.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources as file://${ref('session.dir')}`,
    ],
  ],
  [
    'references that stand for nothing',
    saidOfServer(`{ command: ["${ref('policy.dirr')}", "${ref('session.dir')}", "${ref('env.HOME')}"] }`).replace(
      '{} }',
      `{ can: "${ref('policy.dir')}" } }`,
    ),
    [
      `4:29: unknown reference ${ref('policy.dirr')}; expected ${ref('policy.dir')} or ${ref('sets.NAME')}`,
      `4:65: ${ref('env.HOME')} works in gateway.yaml only`,
      `5:26: ${ref('policy.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources`,
    ],
  ],
  [
    'tools that are not named one by one',
    `${start}tools: { "crm.{a,b}": {}, "crm.*": {}, act: {}, cmr.act: {}, crm.act: {} }\n`,
    [
      '5:10: patterns expand against the lock file: run tollgate policy pin p.yaml first',
      '5:27: patterns expand against the lock file: run tollgate policy pin p.yaml first',
      '5:40: expected the name of a tool as server.tool, found "act"',
      '5:49: there is no server "cmr"; did you mean "crm"?',
    ],
  ],
];

describe('a policy with something wrong in it is refused, with all that is wrong, where it is', () => {
  it.each(TABLE)('%s', (_name, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});

describe('a server that the deployment defines', () => {
  const servers = new Map([['crm', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined } as const]]);

  it('is not defined again, in whatever way', () => {
    const twice = ['4:12: the server "crm" is defined twice: gateway.yaml defines it'];
    expect(problemsIn(saidOfServer('{ command: [a] }'), servers)).toEqual(twice);
    expect(problemsIn(saidOfServer('{ url: "http://elsewhere" }'), servers)).toEqual(twice);
    expect(problemsIn(saidOfServer('{ env: { A: b } }'), servers)).toEqual(twice);
  });

  it('needs no entry in the policy', () => {
    expect(problemsIn(`${HEAD}tools: { crm.act: {} }\n`, servers)).toEqual([]);
  });
});
