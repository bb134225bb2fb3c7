/**
 * What a cached credential costs: the step of a call's path that obtains it, for a server that takes one and for one that takes none.
 * The token was exchanged once, at a real authorization server.
 */
import type { Approved } from '../src/domain/call.ts';
import type { Servers } from '../src/domain/policy.ts';
import { Secret } from '../src/domain/secret.ts';
import { openCredentials } from '../src/identity/credentials/open-credentials.ts';
import { openSecrets } from '../src/identity/secrets/read-secret.ts';
import { openOutgoing } from '../src/outgoing/outgoing.ts';
import { authorizing, obtainCredential } from '../src/stages/obtain-credential.ts';
import { startAuthorizationServer } from '../test/support/authorization-server.ts';

const ROUNDS = 5;
const CALLS = 50_000;
/** What may be added to a call, in microseconds. */
const MOST = 30;
const CRM = 'https://crm.example.com/mcp';
const SECRET = 'a secret of thirty-two characters';

/** Lines for a person. Throws where more is added than may be. */
export async function cachedCredential(): Promise<string> {
  const server = await startAuthorizationServer({
    resources: { [CRM]: { scopes: ['cases:read'], lives: 3600 } },
    clients: [
      {
        client_id: 'gateway',
        client_secret: SECRET,
        grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        redirect_uris: [],
        response_types: [],
      },
    ],
  });
  const outgoing = openOutgoing({ isWritten: () => true });
  try {
    const client = { id: 'gateway', secret: 'env://SECRET' };
    const form = { kind: 'exchange', issuer: server.issuer, audience: CRM, resource: undefined } as const;
    const credential = { ...form, client, actor: undefined, introspection: false };
    const servers: Servers = new Map([['crm', { kind: 'http', url: CRM, era: undefined, credential }]]);
    const readSecret = openSecrets({ environment: { SECRET }, platform: process.platform });
    const report = (line: string): never => {
      throw new Error(line);
    };
    const stage = obtainCredential(
      authorizing(openCredentials({ servers, outgoing, readSecret, now: Date.now, report })),
    );
    const principal = { issuer: server.issuer, subject: 'ada', client: 'desk', actors: [], tenant: 'acme' };
    const subjectToken = new Secret(await server.token({ aud: 'https://tools.example.com/mcp', scope: 'cases:read' }));
    const callOf = (name: string) =>
      ({
        principal,
        subjectToken,
        session: { id: 's' },
        contract: { server: name, scopes: ['cases:read'] },
      }) as unknown as Approved;
    const [taking, free] = [callOf('crm'), callOf('other')];
    await timed(() => stage(taking));
    await timed(() => stage(free));
    const added: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      added.push((await timed(() => stage(taking))) - (await timed(() => stage(free))));
    const median = added.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    if (median > MOST) throw new Error(`a cached credential adds ${median.toFixed(1)} us to a call, over ${MOST}`);
    return `A cached exchange adds ${median.toFixed(2)} us of processor time to a call (median of ${ROUNDS} rounds of ${CALLS}); at most ${MOST}.`;
  } finally {
    await outgoing.close();
    await server.close();
  }
}

/** Processor time of one, in microseconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 1) await work();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / CALLS;
}
