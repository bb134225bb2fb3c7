/** `credential: { login: ... }` of a server: its people log in by themselves. */
import { z } from 'zod';
import type { CredentialForm } from '../domain/credential-form.ts';
import { mapping } from './mapping.ts';
import { secretReference } from './secret-shape.ts';

/** Compared character by character, never resolved (RFC 8414 2). `http:` is for this machine. */
const authority = z.string().refine((text) => {
  const url = URL.parse(text);
  const isHere = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return (isHere || url?.protocol === 'https:') && url.username === '' && url.password === '' && !/[?#\s]/.test(text);
}, 'expected the https:// URL of an issuer, as its metadata says it, without query and fragment');

const client = mapping({ id: z.string().min(1), secret: secretReference.optional() }, ['key', 'alg']);

export const loginShape = mapping({
  issuer: authority.optional(),
  client: client.optional(),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope (RFC 6749 3.3)'))
    .min(1)
    .optional(),
})
  .superRefine(({ issuer, client }, context) => {
    // What is known at one authorization server is shown to no other: only a document's URL is for all.
    if (client === undefined || issuer !== undefined) return;
    if (client.secret === undefined && URL.parse(client.id)?.protocol === 'https:') return;
    context.addIssue({
      code: 'custom',
      path: ['client'],
      message: 'a client is known at one issuer: write "issuer", too',
    });
  })
  .transform(
    ({ issuer, client, scopes }): CredentialForm => ({
      kind: 'login',
      issuer,
      client: client && { id: client.id, secret: client.secret?.secret },
      scopes,
    }),
  );
