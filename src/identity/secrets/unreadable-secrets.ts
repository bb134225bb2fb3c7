import type { ClientForm, CredentialForm } from '../../domain/credential-form.ts';
import { credentialOf, type ServerAddress, type Servers } from '../../domain/policy.ts';
import type { ReadSecret } from './read-secret.ts';

/** A place below a server in the deployment's file, and the reference that stands there. */
type Reference = readonly [string, string];

/** A line for each secret that these servers would need and that cannot be read, by its place in the deployment's file. */
export async function unreadableSecrets(servers: Servers, readSecret: ReadSecret): Promise<readonly string[]> {
  const tried = [...servers].flatMap(([server, address]) =>
    referencesOf(address).map(async ([place, reference]) => {
      const read = await readSecret(reference);
      return read.ok ? [] : [`gateway.yaml: servers.${server}.${place}: ${read.error}`];
    }),
  );
  return (await Promise.all(tried)).flat();
}

function referencesOf(address: ServerAddress): readonly Reference[] {
  if (address.kind === 'stdio')
    return Object.entries(address.secrets ?? {}).map(([name, reference]) => [`env.${name}`, reference]);
  const form = credentialOf(address);
  if (form === undefined) return [];
  return form.kind === 'header' ? [['credential.secret', form.secret]] : ofIssued(form);
}

function ofIssued(form: Exclude<CredentialForm, { readonly kind: 'header' }>): readonly Reference[] {
  const place = `credential.${form.kind}`;
  const own = ofClient(`${place}.client`, form.client);
  if (form.kind === 'exchange' && form.actor !== undefined) return [...own, [`${place}.actor`, form.actor]];
  if (form.kind !== 'id_jag') return own;
  const subject: readonly Reference[] = form.subject === undefined ? [] : [[`${place}.subject`, form.subject]];
  return [...own, ...subject, ...ofClient(`${place}.at.client`, form.at.client)];
}

/** A key's file is read when something is signed. */
const ofClient = (
  place: string,
  client: ClientForm | { readonly secret: string | undefined } | undefined,
): readonly Reference[] =>
  client !== undefined && 'secret' in client && client.secret !== undefined ? [[`${place}.secret`, client.secret]] : [];
