/** The deployment's file, `gateway.yaml`: its schema and defaults; every problem told at once. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { inOrder, type Problem, readYaml, type YamlDocument } from './document/document.ts';
import { issuerUrl } from './document/issuer-url.ts';
import { type LoginSettings, loginCredential, loginSettingsOf } from './document/login-shape.ts';
import { kindOf, mapping, membersOf, notYet, readPart } from './document/mapping.ts';
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
import { addressOf, LATER_SERVER_KEYS, reachKeys, reachTrouble, serverName } from './document/server-shape.ts';
import type { Source } from './document/source.ts';
import type { ServerAddress, Servers } from './domain/policy.ts';
import { ok, type Result, refuse } from './domain/result.ts';
import { KEEP_ALL, type Retention } from './domain/retention.ts';

/** Whose tokens the HTTP door takes beside its own. */
interface TrustedIssuer {
  /** As its tokens say it in `iss`. */
  readonly url: string;
  /** What its tokens must be for: `aud`. */
  readonly audience: string;
  /** What tokens for the API must be for; undefined: no token of the issuer opens it. */
  readonly apiAudience: string | undefined;
  /** Absolute path of the JWK Set with its public keys. */
  readonly keys: string;
  /** The claim that names the caller's tenant; undefined: all its callers are one tenant. */
  readonly tenant: string | undefined;
}

export interface Config {
  readonly listen: { readonly host: string; readonly port: number };
  /** Absolute path of a SQLite file, or a PostgreSQL URL; undefined means the file in Tollgate's own folder. */
  readonly store: string | undefined;
  readonly servers: Servers;
  /** By server: its people log in by themselves. */
  readonly logins: ReadonlyMap<string, LoginSettings>;
  readonly retention: Retention;
  readonly issuer: TrustedIssuer | undefined;
  /** Base URL of an OTLP/HTTP collector. */
  readonly otlp: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORT = 7411;

/** A deployment without a file of its own. */
export const defaultConfig = (): Config => ({
  listen: { host: '127.0.0.1', port: DEFAULT_PORT },
  store: undefined,
  servers: new Map(),
  logins: new Map(),
  retention: KEEP_ALL,
  issuer: undefined,
  otlp: undefined,
});

/** The names of the issuers whose callers a policy may let in. */
export const issuersOf = ({ issuer }: Config): ReadonlySet<string> => new Set(issuer === undefined ? [] : [issuer.url]);

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

const keyFile = z.unknown().transform((value, context) => {
  if (typeof value === 'string' && value !== '') return value;
  const expected = 'expected the path of a file with its public keys (a JWK Set)';
  context.addIssue(
    value === undefined
      ? `${notYet('an issuer without "keys" (discovery)')}; ${expected}`
      : `${expected}, found ${kindOf(value)}`,
  );
  return z.NEVER;
});

const issuers = z
  .array(
    mapping({
      url: issuerUrl,
      audience: z.string().min(1),
      api_audience: z.string().min(1).optional(),
      keys: keyFile,
      tenant: z.string().min(1).optional(),
    }),
  )
  .min(1)
  .superRefine((all, context) => {
    for (const [place, { audience, api_audience }] of all.entries())
      if (audience === api_audience)
        context.addIssue({
          code: 'custom',
          path: [place, 'api_audience'],
          message: 'expected another than "audience": a token for the tools must not open the API',
        });
    if (all.length > 1) context.addIssue({ code: 'custom', path: [1], message: notYet('a second issuer') });
  });

const shape = mapping(
  {
    version: z.literal(1),
    listen: mapping({ host: host.optional(), port: z.int().min(0).max(65_535).optional() }, [
      'public_url',
      'tls',
    ]).optional(),
    store: store.optional(),
    servers: z.record(serverName, z.unknown()).optional(),
    retention: retentionShape.optional(),
    identity: mapping({ issuers }, ['roles']).optional(),
    telemetry: mapping({ otlp: otlp.optional() }, ['content']).optional(),
  },
  ['notify'],
);

/** What a server may do to the client and the session is the security team's to say. */
const IN_POLICY = 'in a policy: servers.NAME there';
const LATER = LATER_SERVER_KEYS.filter((key) => key !== 'credential');
const serverShape = mapping({ ...reachKeys, credential: loginCredential.optional() }, LATER, {
  asks: IN_POLICY,
  defaults: IN_POLICY,
  shared: IN_POLICY,
});

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
  const { servers, logins } = readServers(document, folder, found);
  if (config === undefined || found.length > 0) {
    return refuse(inOrder(found));
  }
  const [issuer] = config.identity?.issuers ?? [];
  return ok({
    listen: { host: config.listen?.host ?? '127.0.0.1', port: config.listen?.port ?? DEFAULT_PORT },
    store: config.store === undefined || isPostgres(config.store) ? config.store : resolve(folder, config.store),
    servers,
    logins,
    retention: retentionOf(config.retention, folder),
    issuer: issuer && {
      url: issuer.url,
      audience: issuer.audience,
      apiAudience: issuer.api_audience,
      keys: resolve(folder, issuer.keys),
      tenant: issuer.tenant,
    },
    otlp: config.telemetry?.otlp,
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

function readServers(document: YamlDocument, folder: string, found: Problem[]): Pick<Config, 'servers' | 'logins'> {
  const servers = new Map<string, ServerAddress>();
  const logins = new Map<string, LoginSettings>();
  for (const [name, part] of membersOf(document, 'servers')) {
    const path = ['servers', name];
    const server = readPart(document, path, part, serverShape, found);
    if (server === undefined) continue;
    const trouble = reachTrouble(server);
    if (trouble !== undefined) found.push(document.keyProblem([...path, ...trouble.path], trouble.message));
    const address = addressOf(server, folder);
    if (address !== undefined) servers.set(name, address);
    if (server.credential === undefined) continue;
    if (address?.kind === 'http') logins.set(name, loginSettingsOf(server.credential));
    else found.push(document.keyProblem([...path, 'credential'], 'people log in to servers with a url'));
  }
  return { servers, logins };
}
