/** `identity.issuers` of the deployment's file: whose tokens open the doors beside our own. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { issuerUrl } from './issuer-url.ts';
import { mapping } from './mapping.ts';
import { secretReference } from './secret-shape.ts';

/**
 * The algorithms that are accepted, of asymmetric keys only: who can check a token must not be able to sign one, and `none`
 * signs nothing (RFC 8725, section 3.1).
 */
export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export interface TrustedIssuer {
  /** As its tokens say it in `iss`. */
  readonly url: string;
  /** What its tokens must be for: `aud`. */
  readonly audience: string;
  /** What tokens for the API must be for; undefined: no token of the issuer opens it. */
  readonly apiAudience: string | undefined;
  /** Absolute path of the JWK Set with its public keys; undefined: the issuer says itself where they are. */
  readonly keys: string | undefined;
  /** Who asks it about tokens that nobody else can read; undefined: it issues none, or they are refused. */
  readonly introspection: { readonly client: { readonly id: string; readonly secret: string } } | undefined;
  /** The claim that names the caller's tenant; undefined: all its callers are one tenant. */
  readonly tenant: string | undefined;
  readonly algorithms: readonly Algorithm[];
}

const text = z.string().min(1);

const client = mapping({ id: text, secret: secretReference });

const issuer = mapping({
  url: issuerUrl,
  audience: text,
  api_audience: text.optional(),
  keys: text.optional(),
  introspection: mapping({ client }).optional(),
  tenant: text.optional(),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).optional(),
});

export const issuersShape = z
  .array(issuer)
  .min(1)
  .superRefine((all, context) => {
    const urls = all.map(({ url }) => url);
    const asked = all.findIndex(({ introspection }) => introspection !== undefined);
    for (const [place, { url, audience, api_audience, introspection }] of all.entries()) {
      const issue = (key: string, message: string) => context.addIssue({ code: 'custom', path: [place, key], message });
      if (audience === api_audience)
        issue('api_audience', 'expected another than "audience": a token for the tools must not open the API');
      if (urls.indexOf(url) < place) issue('url', 'this issuer is listed twice');
      // Asking the wrong one would hand it somebody else's token.
      if (introspection !== undefined && asked < place)
        issue('introspection', 'expected one issuer with "introspection": an opaque token does not say whose it is');
    }
  });

/** Relative paths start from `folder`. */
export const trustedIssuers = (said: z.infer<typeof issuersShape>, folder: string): readonly TrustedIssuer[] =>
  said.map((one) => ({
    url: one.url,
    audience: one.audience,
    apiAudience: one.api_audience,
    keys: one.keys === undefined ? undefined : resolve(folder, one.keys),
    introspection: one.introspection && {
      client: { id: one.introspection.client.id, secret: one.introspection.client.secret.secret },
    },
    tenant: one.tenant,
    algorithms: one.algorithms ?? ALGORITHMS,
  }));
