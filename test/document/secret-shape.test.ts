import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { problemText } from '../../src/document/document.ts';
import { secretPlace } from '../../src/document/secret-shape.ts';
import { ref } from '../policy/policy-text.ts';

function load(text: string) {
  const loaded = loadConfig({ file: 'gateway.yaml', text: `version: 1\n${text}`, env: { HOME: '/home/ada' } });
  return loaded.ok ? loaded.value : loaded.error.map((problem) => problemText(problem).replace('gateway.yaml:', ''));
}

const server = (secret: string): string => `servers: { a: { command: [a], env: { B: c, T: ${secret} } } }\n`;

describe('a secret in the deployment’s file', () => {
  it('is a reference, and stays one in the server’s address', () => {
    expect(load(server(`{ secret: "file://${ref('env.HOME')}/token" }`))).toMatchObject({
      servers: new Map([['a', { kind: 'stdio', env: { B: 'c' }, secrets: { T: 'file:///home/ada/token' } }]]),
    });
  });

  it.each([
    ['env://KEY', { kind: 'env', name: 'KEY' }],
    ['file:///etc/keys/a b', { kind: 'file', path: '/etc/keys/a b' }],
    ['exec://op read  op://vault/a/token', { kind: 'exec', command: ['op', 'read', 'op://vault/a/token'] }],
    ['exec:///opt/bin/token', { kind: 'exec', command: ['/opt/bin/token'] }],
    ['keychain://crm/ada@example.com', { kind: 'keychain', service: 'crm', account: 'ada@example.com' }],
  ])('%s names a place', (reference, place) => {
    expect(secretPlace(reference)).toEqual({ ok: true, value: place });
  });

  it.each([
    ['a literal', '{ secret: hunter2 }'],
    ['a literal that has a scheme', '{ secret: "https://hunter2" }'],
    ['a scheme of another kind', '{ secret: "constructor://hunter2" }'],
    ['a file without an absolute path', '{ secret: "file://hunter2" }'],
    ['a variable that is none', '{ secret: "env://hunter2-" }'],
    ['no program', '{ secret: "exec:// " }'],
    ['a program beside the folder that we happen to be in', '{ secret: "exec://./hunter2" }'],
    ['words in quotes', `{ secret: "exec://op read 'hunter2 b'" }`],
    ['a keychain without an account', '{ secret: "keychain://hunter2" }'],
    ['a keychain’s entry that would be an option', '{ secret: "keychain://-hunter2/a" }'],
    ['two lines', '{ secret: "exec://op\\nhunter2" }'],
    ['a session’s folder', `{ secret: "file:///hunter2${ref('session.dir')}" }`],
    ['more beside it', '{ secret: "env://A", default: hunter2 }'],
    ['a list', '{ secret: [hunter2] }'],
  ])('%s is refused where it stands, without a word of it', (_, written) => {
    const problems = load(server(written));
    expect(problems).toHaveLength(1);
    expect(problems).toEqual([expect.stringMatching(/^2:47: (expected|words|a secret)/)]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('private ranges', () => {
  it.each(['10.0.0.0/8', '100.64.0.0/10', '192.168.7.0/24', 'fd12:3456::/48', '198.18.0.0/15'])('%s', (range) => {
    expect(load(`outgoing: { private: ["${range}"] }\n`)).toMatchObject({ outgoing: { private: [range] } });
  });

  it.each([
    '0.0.0.0/0',
    '10.0.0.0/7',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '::/0',
    '8.8.8.0/24',
    '10.0.0.1',
    'fe80::/10',
    'corp',
  ])('%s is none', (range) => {
    expect(load(`outgoing: { private: [10.0.0.0/8, "${range}"] }\n`)).toEqual([
      expect.stringMatching(/^2:35: expected a private range such as 10\.20\.0\.0\/16/),
    ]);
  });
});
