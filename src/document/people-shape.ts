/** The people of a deployment: `identity.roles`, `identity.owners` and `identity.sign_in`. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type ClientOwners, type Named, ROLES, type RoleEntry } from '../domain/role.ts';
import { clientShape } from './client-shape.ts';
import type { Path } from './document.ts';
import { issuerUrl } from './issuer-url.ts';
import { mapping } from './mapping.ts';
import { notAnIssuer, readNamed } from './named.ts';

const entry = z.string();
const entries = z.array(entry).min(1);

/** Keys of `identity`, beside `issuers`. */
export const peopleKeys = {
  roles: mapping({
    viewer: entries.optional(),
    auditor: entries.optional(),
    approver: entries.optional(),
    operator: entries.optional(),
    admin: entries.optional(),
  }).optional(),
  owners: z.record(z.string(), entries).optional(),
  sign_in: mapping({ issuer: issuerUrl, client: clientShape }).optional(),
};

const written = z.object(peopleKeys);

/** How people sign in, and what they may. */
export interface PeopleConfig {
  readonly roles: readonly RoleEntry[];
  readonly owners: readonly ClientOwners[];
  /** Undefined: nobody but the person at this machine is known. */
  readonly signIn: SignInConfig | undefined;
}

interface SignInConfig {
  readonly issuer: string;
  /** The claim that names the person's tenant; undefined: the issuer is one tenant. */
  readonly tenant: string | undefined;
  /** `secret` is a reference, `key` an absolute path. */
  readonly client:
    | { readonly id: string; readonly secret: string }
    | { readonly id: string; readonly key: string; readonly alg: string | undefined };
}

export const NO_PEOPLE: PeopleConfig = { roles: [], owners: [], signIn: undefined };

interface Issuer {
  readonly url: string;
  readonly tenant?: string | undefined;
}

/** What is wrong, and where below `identity`. */
export interface PeopleTrouble {
  readonly path: Path;
  readonly message: string;
}

/** Reads the entries against the issuers that the deployment names. */
export function readPeople(
  identity: z.infer<typeof written> & { readonly issuers: readonly Issuer[] },
  folder: string,
): Result<PeopleConfig, readonly PeopleTrouble[]> {
  const { roles = {}, owners = {}, sign_in, issuers } = identity;
  const urls = issuers.map(({ url }) => url);
  const found: PeopleTrouble[] = [];
  const named = (texts: readonly string[], path: Path): readonly Named[] =>
    texts.flatMap((text, place) => {
      const read = readNamed(text, urls);
      if (read.ok) return [read.value];
      found.push({ path: [...path, place], message: read.error });
      return [];
    });
  const roleEntries = ROLES.flatMap((role) =>
    named(roles[role] ?? [], ['roles', role]).map((one) => ({ ...one, role })),
  );
  const clients = Object.entries(owners).flatMap(([text, people]): readonly ClientOwners[] => {
    const client = readClient(text, urls);
    if (!client.ok) found.push({ path: ['owners', text], message: client.error });
    const all = named(people, ['owners', text]);
    return client.ok ? [{ client: client.value.name, issuer: client.value.issuer, owners: all }] : [];
  });
  if (sign_in === undefined && identity.roles !== undefined)
    found.push({ path: ['roles'], message: 'nobody can have a role: add "sign_in", where people sign in' });
  const at = issuers.find(({ url }) => url === sign_in?.issuer);
  if (sign_in !== undefined && at === undefined)
    found.push({ path: ['sign_in', 'issuer'], message: notAnIssuer(sign_in.issuer, urls) });
  if (found.length > 0) return refuse(found);
  const signIn = sign_in && {
    issuer: sign_in.issuer,
    tenant: at?.tenant,
    client:
      'secret' in sign_in.client
        ? { id: sign_in.client.id, secret: sign_in.client.secret.secret }
        : { id: sign_in.client.id, key: resolve(folder, sign_in.client.key), alg: sign_in.client.alg },
  };
  return ok({ roles: roleEntries, owners: clients, signIn });
}

function readClient(text: string, issuers: readonly string[]): Result<Omit<Named, 'kind'>, string> {
  const [, name = '', issuer] = /^(.+?)@(https?:\/\/.+)$/s.exec(text) ?? [];
  if (issuer === undefined) return refuse('expected CLIENT@ISSUER');
  return issuers.includes(issuer) ? ok({ name, issuer }) : refuse(notAnIssuer(issuer, issuers));
}
