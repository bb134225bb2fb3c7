import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { credentialOf } from '../../src/domain/policy.ts';

const load = (credential: string, reach = 'url: "https://crm.example.com/mcp"') =>
  loadConfig({
    file: 'gateway.yaml',
    text: `version: 1\nservers:\n  crm:\n    ${reach}\n    credential: ${credential}\n`,
    env: {},
  });

test('what the operator wrote of logins is kept as it was written', () => {
  const written =
    '{ login: { issuer: "http://127.0.0.1:9", client: { id: a, secret: { secret: "env://A" } }, scopes: [x] } }';
  const loaded = load(written);
  expect(loaded.ok && credentialOf(loaded.value.servers.get('crm'))).toEqual({
    kind: 'login',
    issuer: 'http://127.0.0.1:9',
    client: { id: 'a', secret: 'env://A' },
    scopes: ['x'],
  });
  expect(load('{ login: { client: { id: "https://tools.example.com/client.json" } } }').ok).toBe(true);
});

test.each([
  ['{ login: { issuer: "http://login.example.com" } }', 'expected the https:// URL of an issuer'],
  ['{ login: { issuer: "https://a:b@login.example.com" } }', 'expected the https:// URL of an issuer'],
  ['{ login: { client: { id: tollgate } } }', 'a client is known at one issuer: write "issuer", too'],
  ['{ login: { client: { id: "https://x.example/c", secret: { secret: "env://A" } } } }', 'write "issuer", too'],
  [
    '{ login: { issuer: "https://x.example", client: { id: a, secret: hunter2 } } }',
    'a secret itself stands in no file of ours',
  ],
  [
    '{ login: { issuer: "https://x.example", client: { id: a, secret: { secret: hunter2 } } } }',
    'a secret itself stands in no file of ours',
  ],
  ['{ login: { issuer: "https://x.example", client: { id: a, key: f } } }', 'not yet: "key"'],
  ['{ login: { scopes: ["a b"] } }', 'expected a scope'],
])('%s is no login that could be made', (credential, why) => {
  const loaded = load(credential);
  expect(loaded.ok ? [] : loaded.error.map(({ message }) => message)).toContainEqual(expect.stringContaining(why));
});

test('people log in to no process', () => {
  const loaded = load('{ login: {} }', 'command: [crm]');
  expect(loaded.ok ? [] : loaded.error.map(({ message }) => message)).toEqual([
    '"credential" is for a server with a url; a program takes what it needs in "env"',
  ]);
});
