/** How the credential of a server is had, as `gateway.yaml` writes it: `servers.NAME.credential`. */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { ClientForm, CredentialForm } from '../domain/credential-form.ts';
import { isObject, type JsonValue } from '../domain/json.ts';
import { issuerUrl } from './issuer-url.ts';
import { loginShape } from './login-shape.ts';
import { kindOf, mapping } from './mapping.ts';
import { secretReference } from './secret-shape.ts';

/** Algorithms that assertions are signed with (RFC 7518). */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;

/** Headers that say what the message is, or whom it is for: no credential stands in one. */
const TAKEN =
  /^(?:accept|connection|content-.*|host|keep-alive|last-event-id|mcp-.*|te|trailer|transfer-encoding|upgrade)$/;

/** The reference alone: what guards the whole form guards this. */
const reference = z.unknown().transform((value, context): string => {
  const read = secretReference.safeParse({ secret: value });
  if (read.success) return read.data.secret;
  for (const { message } of read.error.issues) context.addIssue(message);
  return z.NEVER;
});

const text = z.string().min(1);
const scopes = z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope without blanks')).min(1);

const client = mapping({
  id: text,
  secret: secretReference.optional(),
  key: text.optional(),
  alg: z.enum(ALGORITHMS).optional(),
}).transform(({ id, secret, key, alg }, context): ClientForm => {
  if (secret !== undefined && key === undefined && alg === undefined) return { id, secret: secret.secret };
  if (key !== undefined && secret === undefined) return { id, key, alg };
  context.addIssue('expected "id" and either "secret", or "key" and where it must be said "alg"');
  return z.NEVER;
});

/** A URL that names a server, as its issuer knows it (RFC 8707, section 2). */
const resource = z
  .string()
  .refine((url) => URL.canParse(url) && !url.includes('#'), 'expected an absolute URI without a fragment');

const issued = { issuer: issuerUrl, client, introspection: z.boolean().default(false) };

const exchange = mapping({
  ...issued,
  audience: text,
  resource: resource.optional(),
  actor: secretReference.optional(),
}).transform(
  ({ resource: of, actor, ...form }): CredentialForm => ({
    kind: 'exchange',
    ...form,
    resource: of,
    actor: actor?.secret,
  }),
);

const idJag = mapping({
  ...issued,
  audience: text,
  resource,
  at: mapping({ issuer: issuerUrl, client }),
  subject: secretReference.optional(),
}).transform(({ subject, ...form }): CredentialForm => ({ kind: 'id_jag', ...form, subject: subject?.secret }));

const clientCredentials = mapping({ ...issued, resource: resource.optional(), scopes: scopes.optional() }).transform(
  ({ resource: of, scopes: asked = [], ...form }): CredentialForm => ({
    kind: 'client_credentials',
    ...form,
    resource: of,
    scopes: asked,
  }),
);

const header = mapping({
  header: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of a header')
    .transform((name) => name.toLowerCase())
    .refine((name) => !TAKEN.test(name), 'this header is the protocol’s own'),
  secret: reference,
  prefix: z.string().optional(),
}).transform(({ prefix, ...form }): CredentialForm => ({ kind: 'header', ...form, prefix: prefix ?? '' }));

/** By the one key that says which it is. */
const FORMS: Readonly<Record<string, z.ZodType<CredentialForm>>> = {
  exchange,
  id_jag: idJag,
  client_credentials: clientCredentials,
  login: loginShape,
};

const EXPECTED = `expected none, { header, secret } or one of ${Object.keys(FORMS).join(', ')}`;

export const credentialShape = z.unknown().transform((value, context): CredentialForm | undefined => {
  if (value === 'none') return undefined;
  if (!isObject(value as JsonValue)) {
    context.addIssue(`${EXPECTED}, found ${kindOf(value)}`);
    return z.NEVER;
  }
  const part = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(part);
  if (keys.includes('header')) return read(header, part, [], context);
  const [kind = ''] = keys;
  const form = keys.length === 1 && Object.hasOwn(FORMS, kind) ? FORMS[kind] : undefined;
  if (form !== undefined) return read(form, part[kind], [kind], context);
  context.addIssue(EXPECTED);
  return z.NEVER;
});

function read(
  form: z.ZodType<CredentialForm>,
  value: unknown,
  path: readonly string[],
  context: z.core.$RefinementCtx,
): CredentialForm {
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    context.issues.push({ ...issue, input: value, path: [...path, ...issue.path] } as z.core.$ZodRawIssue);
  return z.NEVER;
}

/** The same with its paths from `folder` on. */
export function placed(form: CredentialForm | undefined, folder: string): CredentialForm | undefined {
  if (form === undefined || form.kind === 'header' || form.kind === 'login') return form;
  const there = { ...form, client: placedClient(form.client, folder) };
  return there.kind === 'id_jag'
    ? { ...there, at: { ...there.at, client: placedClient(there.at.client, folder) } }
    : there;
}

const placedClient = (one: ClientForm, folder: string): ClientForm =>
  'key' in one ? { ...one, key: resolve(folder, one.key) } : one;
