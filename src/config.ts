/** The deployment's file, `gateway.yaml`: its schema and defaults; every problem told at once. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { credentialShape, placed } from './document/credential-shape.ts';
import { inOrder, type Problem, readYaml, type YamlDocument } from './document/document.ts';
import { issuersShape, type TrustedIssuer, trustedIssuers } from './document/issuers-shape.ts';
import { mapping, membersOf, notYet, readPart } from './document/mapping.ts';
import { type NotifyEntry, notifyEntries, notifyShape } from './document/notify-shape.ts';
import { outgoingShape } from './document/outgoing-shape.ts';
import { NO_PEOPLE, type PeopleConfig, peopleKeys, readPeople } from './document/people-shape.ts';
import { publicUrl } from './document/public-url-shape.ts';
import {
  folderOf,
  type Lookup,
  policyFolder,
  resolveReferences,
  SESSION_DIR,
  sessionFolder,
  unknownReference,
} from './document/references.ts';
import { retentionShape } from './document/retention-shape.ts';
import {
  addressOf,
  envWithSecrets,
  LATER_SERVER_KEYS,
  reachKeys,
  reachTrouble,
  serverName,
} from './document/server-shape.ts';
import type { Source } from './document/source.ts';
import { writtenOrigins } from './document/written-origins.ts';
import type { ServerAddress, Servers } from './domain/policy.ts';
import { ok, type Result, refuse } from './domain/result.ts';
import { KEEP_ALL, type Retention } from './domain/retention.ts';
import { rangeTrouble } from './outgoing/place-of.ts';

export interface Config {
  /** `publicUrl`: the origin that callers from elsewhere use, undefined where there are none. */
  readonly listen: { readonly host: string; readonly port: number; readonly publicUrl?: string | undefined };
  /** Absolute path of a SQLite file, or a PostgreSQL URL; undefined means the file in Tollgate's own folder. */
  readonly store: string | undefined;
  readonly servers: Servers;
  readonly retention: Retention;
  /** Whose tokens the doors take beside their own. */
  readonly trustedIssuers: readonly TrustedIssuer[];
  readonly people: PeopleConfig;
  readonly notify: readonly NotifyEntry[];
  /** Base URL of an OTLP/HTTP collector. */
  readonly otlp: string | undefined;
  /** Where the gateway goes by itself: private ranges (CIDR), and the origins of all URLs in this file. */
  readonly outgoing: { readonly private: readonly string[]; readonly written: ReadonlySet<string> };
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = 7411;

/** A deployment without a file of its own. */
export const defaultConfig = (): Config => ({
  listen: { host: '127.0.0.1', port: DEFAULT_PORT },
  store: undefined,
  servers: new Map(),
  retention: KEEP_ALL,
  trustedIssuers: [],
  people: NO_PEOPLE,
  notify: [],
  otlp: undefined,
  outgoing: { private: [], written: new Set() },
});

/** The names of the issuers whose callers a policy may let in. */
export const issuersOf = ({ trustedIssuers: taken }: Config): ReadonlySet<string> =>
  new Set(taken.map(({ url }) => url));

const host = z.string().transform((value, context) => {
  if (['127.0.0.1', '::1', 'localhost'].includes(value)) return value;
  context.addIssue(`${notYet('an address other than loopback (it needs TLS)')}; expected 127.0.0.1, ::1 or localhost`);
  return z.NEVER;
});

export const isPostgres = (store: string): boolean => /^postgres(ql)?:/.test(store);

/** A SQLite file's path, or a PostgreSQL URL that names a database; undefined where `text` is neither. */
export function storeOf(text: string): string | undefined {
  const file = /^sqlite:(.+)$/.exec(text)?.[1];
  if (file !== undefined || !isPostgres(text)) return file;
  const url = URL.parse(text);
  return url !== null && url.hostname !== '' && url.pathname.length > 1 ? text : undefined;
}

const store = z.string().transform((value, context) => {
  const parsed = storeOf(value);
  if (parsed !== undefined) return parsed;
  context.addIssue('expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE');
  return z.NEVER;
});

const otlp = z.string().transform((value, context) => {
  const url = URL.parse(value);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  context.addIssue('expected an http:// or https:// URL');
  return z.NEVER;
});

const shape = mapping({
  version: z.literal(1),
  listen: mapping(
    { host: host.optional(), port: z.int().min(0).max(65_535).optional(), public_url: publicUrl.optional() },
    ['tls'],
  ).optional(),
  store: store.optional(),
  servers: z.record(serverName, z.unknown()).optional(),
  retention: retentionShape.optional(),
  outgoing: outgoingShape(rangeTrouble).optional(),
  identity: mapping({ issuers: issuersShape, ...peopleKeys }).optional(),
  telemetry: mapping({ otlp: otlp.optional() }, ['content']).optional(),
  notify: notifyShape.optional(),
});

/** What a server may do to the client and the session is the security team's to say. */
const IN_POLICY = 'in a policy: servers.NAME there';
const serverKeys = { ...reachKeys, env: envWithSecrets.optional(), credential: credentialShape.optional() };
const serverShape = mapping(serverKeys, LATER_SERVER_KEYS, { asks: IN_POLICY, defaults: IN_POLICY, shared: IN_POLICY });

/**
 * The deployment that a file describes, or every problem in it, in the order of the file. Relative paths start from the
 * file's folder. `${env.NAME}` stands for a variable of `env`; one that is not set is a problem.
 */
export function loadConfig(source: Source & { readonly env?: Environment }): Result<Config, readonly Problem[]> {
  const read = readYaml(source.file, source.text);
  if (!read.ok) return read;
  const folder = folderOf(source.file);
  const found: Problem[] = [];
  const document = resolveReferences(read.value, lookupIn(folder, source.env ?? process.env), found);
  const config = readPart(document, [], document.value, shape, found);
  const servers = readServers(document, folder, found);
  const people = config?.identity === undefined ? ok(NO_PEOPLE) : readPeople(config.identity, folder);
  if (!people.ok)
    found.push(...people.error.map(({ path, message }) => document.problem(['identity', ...path], message)));
  if (config === undefined || !people.ok || found.length > 0) {
    return refuse(inOrder(found));
  }
  const { host = '127.0.0.1', port = DEFAULT_PORT, public_url: url } = config.listen ?? {};
  // Nobody may send the gateway to itself.
  const { listen: _itself, ...elsewhere } = document.value;
  return ok({
    listen: { host, port, publicUrl: url },
    store: config.store === undefined || isPostgres(config.store) ? config.store : resolve(folder, config.store),
    servers,
    retention: retentionOf(config.retention, folder),
    trustedIssuers: trustedIssuers(config.identity?.issuers ?? [], folder),
    people: people.value,
    notify: notifyEntries(config.notify),
    otlp: config.telemetry?.otlp,
    outgoing: { private: config.outgoing?.private ?? [], written: writtenOrigins(elsewhere) },
  });
}

const retentionOf = (said: z.infer<typeof retentionShape> | undefined, folder: string): Retention => ({
  sessions: said?.sessions,
  content: said?.content,
  archive: said?.archive === undefined ? undefined : resolve(folder, said.archive),
  quotas: { store: said?.quota, principal: said?.principal_quota },
});

function lookupIn(folder: string, env: Environment): Lookup {
  return (name, path, text) => {
    if (name === 'policy.dir') return policyFolder(folder, path, text);
    if (name === 'session.dir') return sessionFolder(path, text);
    if (!name.startsWith('env.')) return unknownReference(name, `\${env.NAME}, \${policy.dir} or ${SESSION_DIR}`);
    const variable = name.slice('env.'.length);
    const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
    if (value === undefined) return refuse(`the environment variable ${variable} is not set`);
    // Else it would be replaced in turn, when a process is started.
    return value.includes(SESSION_DIR)
      ? refuse(`the environment variable ${variable} holds ${SESSION_DIR}: write that in this file`)
      : ok(value);
  };
}

function readServers(document: YamlDocument, folder: string, found: Problem[]): Servers {
  const servers = new Map<string, ServerAddress>();
  for (const [name, part] of membersOf(document, 'servers')) {
    const path = ['servers', name];
    const read = readPart(document, path, part, serverShape, found);
    if (read === undefined) continue;
    const server = { ...read, credential: placed(read.credential, folder) };
    const trouble = reachTrouble(server);
    if (trouble !== undefined) found.push(document.keyProblem([...path, ...trouble.path], trouble.message));
    const address = addressOf(server, folder);
    if (address !== undefined) servers.set(name, address);
  }
  return servers;
}
