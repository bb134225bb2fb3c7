import { expect, test } from 'vitest';
import type { CredentialForm } from '../../../src/domain/credential-form.ts';
import type { ServerAddress } from '../../../src/domain/policy.ts';
import { openSecrets } from '../../../src/identity/secrets/read-secret.ts';
import { unreadableSecrets } from '../../../src/identity/secrets/unreadable-secrets.ts';

const readSecret = openSecrets({ environment: { THERE: 'canary' }, platform: 'linux' });
const client = (name: string) => ({ id: 'gateway', secret: `env://${name}` });
const issued = { issuer: 'https://login.example.com', audience: 'crm', introspection: false };

const at = (credential: CredentialForm): ServerAddress => ({
  kind: 'http',
  url: 'https://crm.example.com/mcp',
  era: undefined,
  credential,
});
const exchange = (name: string, actor: string | undefined): ServerAddress =>
  at({ kind: 'exchange', ...issued, client: client(name), resource: undefined, actor });

test('a secret that is not there is told at the start, by its place, whatever it is for', async () => {
  const idJag = { kind: 'id_jag', ...issued, resource: 'crm', client: client('A'), subject: 'env://ME' } as const;
  const servers = new Map<string, ServerAddress>([
    ['mail', at({ kind: 'header', header: 'authorization', secret: 'env://MAIL', prefix: '' })],
    ['crm', exchange('CRM', 'env://ACTOR')],
    ['wiki', at({ ...idJag, at: { issuer: 'https://wiki.example.com', client: client('B') } })],
    ['docs', at({ kind: 'login', issuer: undefined, client: client('DOCS'), scopes: undefined })],
  ]);
  expect(await unreadableSecrets(servers, readSecret)).toEqual([
    'gateway.yaml: servers.mail.credential.secret: the environment variable MAIL is not set',
    'gateway.yaml: servers.crm.credential.exchange.client.secret: the environment variable CRM is not set',
    'gateway.yaml: servers.crm.credential.exchange.actor: the environment variable ACTOR is not set',
    'gateway.yaml: servers.wiki.credential.id_jag.client.secret: the environment variable A is not set',
    'gateway.yaml: servers.wiki.credential.id_jag.subject: the environment variable ME is not set',
    'gateway.yaml: servers.wiki.credential.id_jag.at.client.secret: the environment variable B is not set',
    'gateway.yaml: servers.docs.credential.login.client.secret: the environment variable DOCS is not set',
  ]);
});

test('what can be read, or is nobody’s secret, is no trouble', async () => {
  const servers = new Map<string, ServerAddress>([
    ['crm', exchange('THERE', undefined)],
    ['docs', at({ kind: 'login', issuer: undefined, client: { id: 'x', secret: undefined }, scopes: undefined })],
    ['open', { kind: 'http', url: 'https://open.example.com/mcp', era: undefined }],
  ]);
  expect(await unreadableSecrets(servers, readSecret)).toEqual([]);
});
