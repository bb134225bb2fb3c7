/** How a server is reached, as both files write it: a command to start, a package whose program is started, or a URL. */
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import type { CredentialForm } from '../domain/credential-form.ts';
import { isObject, type JsonValue } from '../domain/json.ts';
import type { PackageName } from '../domain/lock.ts';
import { ENVIRONMENTS, type Environment, type ServerAddress } from '../domain/policy.ts';
import { described, kindOf } from './mapping.ts';
import { lineFor, packageName, packageText } from './package-name.ts';
import { SESSION_DIR } from './references.ts';
import { type SecretReference, secretReference } from './secret-shape.ts';

export const serverName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'expected a server name: lower-case letters, digits and "-", a letter first');

/** Keys of a server that the design has and nothing enforces yet. */
export const LATER_SERVER_KEYS: readonly string[] = ['sandbox', 'meta'];

const NUL = String.fromCharCode(0);
const processText = z.string().refine((text) => !text.includes(NUL), 'expected text without NUL characters');

const envValue = z
  .unknown()
  .transform((value, context) => {
    if (typeof value === 'string' && !value.includes(NUL)) return value;
    context.addIssue(
      isSecret(value)
        ? 'a secret is for a server of gateway.yaml: define this server there'
        : `expected text, in quotes, found ${kindOf(value as JsonValue)}`,
    );
    return z.NEVER;
  })
  .meta({ type: 'string' });

const isSecret = (value: unknown): boolean => isObject(value as JsonValue) && Object.hasOwn(value as object, 'secret');

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable');

/** Of a server of the deployment: whoever writes a policy shall not name programs that are run for a secret. */
export const envWithSecrets = z.record(
  variable,
  z.unknown().transform((value, context): string | SecretReference => {
    const read = (isSecret(value) ? secretReference : envValue).safeParse(value);
    if (read.success) return read.data;
    for (const { message, path } of read.error.issues) context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  }),
);

const httpUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    context.addIssue('expected an http:// or https:// URL');
  } else if (url.username !== '' || url.password !== '') {
    context.addIssue('a URL holds no user name or password: secrets are references, never literals');
  } else if (url.hash !== '') {
    context.addIssue('expected a URL without a fragment (#...)');
  }
  return url?.href ?? z.NEVER;
});

const command = z
  .array(processText)
  .min(1)
  .superRefine((words, context) => {
    if (words[0] === '') context.addIssue({ code: 'custom', path: [0], message: 'expected a program to start' });
    const fetcher = fetches(words);
    if (fetcher !== undefined) {
      context.addIssue(`"${fetcher.words}" fetches code when it starts; ${fetcher.instead}`);
    }
  });

/** The keys of a server that say how it is reached. */
export const reachKeys = described(
  {
    command: command.optional(),
    package: packageName.optional(),
    arguments: z.array(processText).optional(),
    url: httpUrl.optional(),
    env: z.record(variable, envValue).optional(),
    cwd: processText.min(1).optional(),
    era: z.enum(['modern', 'legacy']).optional(),
    environment: z.enum(ENVIRONMENTS).optional(),
  },
  {
    command: 'The program to start and its words. Nothing is fetched when it starts.',
    package: 'A package of the npm registry whose program is started: npm:NAME@VERSION, the version exact.',
    arguments: 'The words for the program of a package.',
    url: 'Where the server listens, http or https.',
    env: 'Variables of its environment. It has no others but those that every program needs.',
    cwd: 'The working folder of the program; relative to the folder of this file.',
    era: 'The protocol that it speaks; unsaid is found out.',
    environment: 'What it serves. A session reaches production only once a person has agreed to it.',
  },
);

/** Programs that fetch what they run, and those that do with one of these words after them. */
const FETCHERS: Readonly<Record<string, { readonly verbs?: readonly string[]; readonly from: 'npm' | 'elsewhere' }>> = {
  npx: { from: 'npm' },
  pnpx: { from: 'npm' },
  bunx: { from: 'npm' },
  uvx: { from: 'elsewhere' },
  npm: { verbs: ['exec', 'x'], from: 'npm' },
  pnpm: { verbs: ['dlx', 'exec'], from: 'npm' },
  yarn: { verbs: ['dlx'], from: 'npm' },
  bun: { verbs: ['x'], from: 'npm' },
  uv: { verbs: ['tool', 'run'], from: 'elsewhere' },
  pipx: { verbs: ['run'], from: 'elsewhere' },
};

/** The words of a command that make it fetch what it runs, and what to write instead; undefined where none do. */
function fetches(words: readonly string[]): { readonly words: string; readonly instead: string } | undefined {
  const [program = '', ...rest] = words;
  const name = basename(program.replaceAll('\\', '/'))
    .replace(/\.(cmd|exe|ps1)$/i, '')
    .toLowerCase();
  const when = Object.hasOwn(FETCHERS, name) ? FETCHERS[name] : undefined;
  if (when === undefined) return undefined;
  const said = rest.filter((word) => !word.startsWith('-'));
  const verb = when.verbs === undefined ? undefined : said.shift();
  if (when.verbs !== undefined && !when.verbs.some((one) => one === verb)) return undefined;
  const instead =
    when.from === 'npm'
      ? `write: ${lineFor(said[0])}`
      : 'install the program beforehand, and write the command that starts it';
  return { words: verb === undefined ? name : `${name} ${verb}`, instead };
}

type StdioAddress = Extract<ServerAddress, { kind: 'stdio' }>;

interface Reach {
  readonly command?: readonly string[] | undefined;
  readonly package?: PackageName | undefined;
  readonly arguments?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly env?: Readonly<Record<string, string | SecretReference>> | undefined;
  readonly cwd?: string | undefined;
  readonly era?: ServerAddress['era'];
  /** The deployment's to say; undefined in a policy. */
  readonly credential?: CredentialForm | undefined;
  readonly environment?: Environment | undefined;
}

/** What is wrong with the keys of a server taken together, and below which path of it; undefined where nothing is. */
export function reachTrouble(
  server: Reach,
): { readonly path: readonly string[]; readonly message: string } | undefined {
  const [way, other] = (['command', 'package', 'url'] as const).filter((key) => server[key] !== undefined);
  if (way !== undefined && other !== undefined) {
    return { path: [other], message: `a server has a ${way} or a ${other}, not both` };
  }
  if (server.arguments !== undefined && way !== 'package') {
    return { path: ['arguments'], message: '"arguments" is for a server with a package' };
  }
  for (const key of ['env', 'cwd'] as const) {
    if (server[key] === undefined || way === 'command' || way === 'package') continue;
    return { path: [key], message: `"${key}" is for a server with a command or a package` };
  }
  if (server.credential !== undefined && way !== 'url') {
    return {
      path: ['credential'],
      message: '"credential" is for a server with a url; a program takes what it needs in "env"',
    };
  }
  return way === undefined ? { path: [], message: 'expected a command, a package or a url' } : undefined;
}

/** The address that a server's keys give; undefined where they give none. `folder` is what a relative `cwd` starts from. */
export function addressOf(server: Reach, folder: string): ServerAddress | undefined {
  const serves = server.environment === undefined ? {} : { environment: server.environment };
  if (server.url !== undefined) {
    const { url, era, credential } = server;
    return { kind: 'http', url, era, ...(credential === undefined ? {} : { credential }), ...serves };
  }
  const named = server.package;
  const [program, ...words] =
    named === undefined ? (server.command ?? []) : ['node', packageText(named), ...(server.arguments ?? [])];
  if (program === undefined) return undefined;
  return {
    kind: 'stdio',
    command: [program, ...words],
    ...environmentOf(server.env ?? {}),
    cwd: server.cwd === SESSION_DIR ? SESSION_DIR : resolve(folder, server.cwd ?? '.'),
    era: server.era,
    ...(named === undefined ? {} : { package: named }),
    ...serves,
  };
}

function environmentOf(written: NonNullable<Reach['env']>): Pick<StdioAddress, 'env' | 'secrets'> {
  const env: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(written)) {
    if (typeof value === 'string') env[name] = value;
    else secrets[name] = value.secret;
  }
  return Object.keys(secrets).length === 0 ? { env } : { env, secrets };
}
