import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultConfig, loadConfig } from '../src/config.ts';
import { problemText } from '../src/document/document.ts';
import { KEEP_ALL } from '../src/domain/retention.ts';
import { later, ref } from './policy/policy-text.ts';

const file = 'policies/gateway.yaml';
const folder = dirname(resolve(file));

function load(text: string, env: Record<string, string> = {}) {
  const loaded = loadConfig({ file, text: `version: 1\n${text}`, env });
  return loaded.ok ? loaded.value : loaded.error.map((problem) => problemText(problem).replace(`${file}:`, ''));
}

describe('the deployment’s file', () => {
  it('has defaults for all of it, the same as where there is no file', () => {
    expect(load('')).toEqual(defaultConfig());
    expect(load('')).toEqual({
      listen: { host: '127.0.0.1', port: 7411 },
      store: undefined,
      servers: new Map(),
      retention: KEEP_ALL,
      trustedIssuers: [],
      people: defaultConfig().people,
      notify: [],
      otlp: undefined,
      outgoing: { private: [], written: new Set() },
    });
  });

  it('every key that is accepted has its effect', () => {
    expect(
      load(`listen: { host: "::1", port: 0, public_url: "https://Tools.example.com:443/" }
store: sqlite:../state/ledger.db
servers:
  files: { command: [node, "${ref('policy.dir')}/files.js"], env: { ROOT: "${ref('policy.dir')}" }, cwd: work }
  crm: { url: "https://crm.example.com/mcp", era: modern }
telemetry: { otlp: "http://127.0.0.1:4318" }
retention: { sessions: 90d, content: 36h, archive: ../old, quota: 10GB, principal_quota: 500MB }
`),
    ).toEqual({
      listen: { host: '::1', port: 0, publicUrl: 'https://tools.example.com' },
      store: resolve(folder, '../state/ledger.db'),
      servers: new Map<string, unknown>([
        [
          'files',
          { kind: 'stdio', command: ['node', `${folder}/files.js`], env: { ROOT: folder }, cwd: join(folder, 'work') },
        ],
        ['crm', { kind: 'http', url: 'https://crm.example.com/mcp', era: 'modern' }],
      ]),
      retention: {
        sessions: 90 * 24 * 3_600_000,
        content: 36 * 3_600_000,
        archive: resolve(folder, '../old'),
        quotas: { store: 10e9, principal: 500e6 },
      },
      trustedIssuers: [],
      people: defaultConfig().people,
      notify: [],
      otlp: 'http://127.0.0.1:4318/',
      outgoing: {
        private: [],
        written: new Set(['https://crm.example.com', 'http://127.0.0.1:4318']),
      },
    });
  });

  it('a package is named with its version, and started with its words', () => {
    const given = `{ package: "npm:@a/files@1.2.3-rc.1", arguments: ["${ref('session.dir')}"], env: { A: b }, cwd: / }`;
    expect(load(`servers: { files: ${given} }\n`)).toMatchObject({
      servers: new Map<string, unknown>([
        [
          'files',
          {
            kind: 'stdio',
            command: ['node', 'npm:@a/files@1.2.3-rc.1', ref('session.dir')],
            package: { name: '@a/files', version: '1.2.3-rc.1' },
            env: { A: 'b' },
            cwd: '/',
          },
        ],
      ]),
    });
  });

  it('a session’s folder stays what it is until a process is started in it', () => {
    const dir = ref('session.dir');
    const server = `{ command: [files, "${dir}/a"], env: { A: "${dir}" }, cwd: "${dir}" }`;
    expect(load(`servers: { files: ${server} }\n`)).toMatchObject({
      servers: new Map([['files', { command: ['files', `${dir}/a`], env: { A: dir }, cwd: dir }]]),
    });
  });

  it('a store may be a PostgreSQL database, or named absolutely', () => {
    const url = 'postgres://tollgate@db.example.com:5433/ledger';
    expect(load(`store: ${url}\n`)).toMatchObject({ store: url });
    expect(load('store: sqlite:/var/lib/tollgate.db\n')).toMatchObject({ store: '/var/lib/tollgate.db' });
  });

  it.each(['127.0.0.1', '"::1"', 'localhost'])('listens on loopback: %s', (host) => {
    expect(load(`listen: { host: ${host} }\n`)).toMatchObject({
      listen: { host: host.replaceAll('"', ''), port: 7411 },
    });
  });
});

describe('variables of the environment', () => {
  it('stand wherever a text does', () => {
    const text = `servers: { a: { url: "https://${ref('env.HOST')}/${ref('env.PATH_')}" } }\n`;
    expect(load(text, { HOST: 'x.example', PATH_: 'mcp' })).toMatchObject({
      servers: new Map([['a', { kind: 'http', url: 'https://x.example/mcp' }]]),
    });
  });

  it('that are not set are a problem; those set to nothing are not', () => {
    expect(
      load(`servers: { a: { command: [a], env: { A: "${ref('env.NONE')}", B: "${ref('env.toString')}" } } }\n`),
    ).toEqual(['2:41: the environment variable NONE is not set', '2:59: the environment variable toString is not set']);
    expect(load(`servers: { a: { command: [a], env: { A: "${ref('env.EMPTY')}" } } }\n`, { EMPTY: '' })).toMatchObject({
      servers: new Map([['a', { env: { A: '' } }]]),
    });
  });

  it('are not read again for references', () => {
    const env = { OUTER: ref('env.INNER'), INNER: 'secret' };
    expect(load(`servers: { a: { command: ["${ref('env.OUTER')}"] } }\n`, env)).toMatchObject({
      servers: new Map([['a', { command: [ref('env.INNER')] }]]),
    });
  });

  it('bring no session’s folder in, which would be replaced in turn', () => {
    expect(
      load(`servers: { a: { command: [a, "${ref('env.OUTER')}"] } }\n`, { OUTER: `x ${ref('session.dir')}` }),
    ).toEqual([`2:30: the environment variable OUTER holds ${ref('session.dir')}: write that in this file`]);
  });

  it('never show their value in a problem', () => {
    const env = { SECRET: 'hunter2' };
    const problems = load(
      `listen: { host: "${ref('env.SECRET')}", port: "${ref('env.SECRET')}" }
store: "${ref('env.SECRET')}"
servers: { a: { url: "${ref('env.SECRET')}" }, b: "${ref('env.SECRET')}" }
telemetry: { otlp: "${ref('env.SECRET')}" }
`,
      env,
    );
    expect(problems).toHaveLength(6);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('what is wrong in it is told at once, where it is', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'unknown keys',
      'listn: {}\nlisten: { prt: 1 }\n',
      ['2:1: unknown key "listn"; did you mean "listen"?', '3:11: unknown key "prt"; did you mean "port"?'],
    ],
    [
      'what comes later',
      'listen: { tls: {} }\ntelemetry: { content: false }\n',
      [`2:11: ${later('"tls"')}`, `3:14: ${later('"content"')}`],
    ],
    [
      'what nobody can keep to',
      'retention: { sessions: 7, content: 0d, archive: "", quota: 10, principal_quota: 1Gb, keep: 1d }\n',
      [
        '2:24: expected a duration such as 90d or 12h, found "7"',
        '2:36: expected a duration such as 90d or 12h, found "0d"',
        '2:49: expected text, found none',
        '2:60: expected a size such as 500MB, 10GB or 1TB, found "10"',
        '2:81: expected a size such as 500MB, 10GB or 1TB, found "1Gb"',
        '2:86: unknown key "keep"; expected one of sessions, content, archive, quota, principal_quota',
      ],
    ],
    [
      'contents without their sessions',
      'retention: { sessions: 7d, content: 8d }\n',
      ['2:37: contents cannot be kept longer than their sessions'],
    ],
    [
      'servers that come later',
      `servers: { a: { url: "http://x", environment: prod }, b: { url: "http://x", meta: [], credential: {} } }\n`,
      [
        '2:47: expected one of production, staging, development, test, found "prod"',
        `2:77: ${later('"meta"')}`,
        '2:99: expected none, { header, secret } or one of exchange, id_jag, client_credentials, login',
      ],
    ],
    [
      'what a server may do, which is the policy’s to say',
      'servers: { a: { url: "http://x", asks: { roots: true }, defaults: { effect: read } } }\n',
      [
        '2:34: "asks" belongs in a policy: servers.NAME there',
        '2:57: "defaults" belongs in a policy: servers.NAME there',
      ],
    ],
    [
      'an era that there is not',
      'servers: { a: { url: "http://x", era: modren } }\n',
      ['2:39: expected one of modern, legacy, found "modren"; did you mean "modern"?'],
    ],
    [
      'doors that need more than loopback has',
      'listen: { host: 0.0.0.0, port: 70000 }\n',
      [
        `2:17: ${later('an address other than loopback (it needs TLS)')}; expected 127.0.0.1, ::1 or localhost`,
        '2:32: expected at most 65535, found 70000',
      ],
    ],
    [
      'a database without a name',
      'store: postgres://db\n',
      ['2:8: expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE'],
    ],
    [
      'stores misspelt',
      'store: tollgate.db\n',
      ['2:8: expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE'],
    ],
    [
      'servers that nobody can reach',
      'servers: { a: {}, b: { command: [npx, x] }, C: { url: "http://x" } }\n',
      [
        '2:12: expected a command, a package or a url',
        '2:33: "npx" fetches code when it starts; write: package: "npm:x@MAJOR.MINOR.PATCH"',
        '2:45: expected a server name: lower-case letters, digits and "-", a letter first',
      ],
    ],
    [
      'references',
      `store: "sqlite:${ref('policy.dir')}/x"\nservers: { a: { command: ["${ref('session.dir')}", "${ref('policy.dri')}"] } }\n`,
      [
        `2:8: ${ref('policy.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources`,
        `3:27: a program in ${ref('session.dir')} is one that an agent could have put there`,
        `3:45: unknown reference ${ref('policy.dri')}; expected ${ref('env.NAME')}, ${ref('policy.dir')} or ${ref('session.dir')}`,
      ],
    ],
    ['a collector', 'telemetry: { otlp: 127.0.0.1:4318 }\n', ['2:20: expected an http:// or https:// URL']],
  ])('%s', (_name, text, problems) => {
    expect(load(text)).toEqual(problems);
  });

  it('a file that is none', () => {
    const empty = loadConfig({ file, text: '', env: {} });
    expect(empty).toMatchObject({ ok: false, error: [{ file, line: 1, column: 1 }] });
  });
});
