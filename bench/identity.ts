/**
 * What knowing a caller costs: a token that was verified before, as every call but the first brings it. The whole of what the door
 * asks is measured, with two issuers, and beside it the token file's token and the verification itself.
 */
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ALGORITHMS } from '../src/document/issuers-shape.ts';
import type { Caller, Presented } from '../src/domain/principal.ts';
import { authenticatorsOf } from '../src/identity/authenticators.ts';
import { givenKeys } from '../src/identity/issuers/key-source.ts';
import { verifyJwt } from '../src/identity/issuers/verify-jwt.ts';
import { tokenVerifier } from '../src/identity/token-verifier.ts';

const ROUNDS = 5;
const CALLS = 100_000;
const FIRST_CALLS = 500;
const TOKENS = 200;
const AUDIENCE = 'https://tools.example.com/mcp';
const ISSUERS = ['https://login.example.com', 'https://partner.example.com'];
/** As many as `tollgate` makes of its own. */
const OWN = 'x'.repeat(43);

interface Known {
  /** Microseconds of processor time a call, by round. */
  readonly remembered: readonly number[];
  readonly own: readonly number[];
  readonly first: readonly number[];
  readonly characters: number;
}

/** Authenticates `CALLS` calls a round. Throws where a token is refused. */
export async function identity(): Promise<Known> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'login 1', alg: 'ES256', use: 'sig' }] };
  const now = Date.now;
  const nothing: ReadonlySet<string> = new Set();
  const named = () => nothing;
  const verifyWith = (url: string) =>
    verifyJwt({
      issuer: { url, tenant: undefined, named },
      keys: givenKeys(keys),
      algorithms: ALGORITHMS,
      audience: AUDIENCE,
      now,
    });
  const issuers = new Map(ISSUERS.map((url) => [url, verifyWith(url)]));
  const authenticate = (): ((presented: Presented) => Caller | undefined | Promise<Caller | undefined>) => {
    const verifiers = {
      tools: tokenVerifier({ issuers, opaque: undefined, named, now }),
      api: undefined,
      opaque: false,
    };
    const refused = (why: string): never => {
      throw new Error(why);
    };
    return authenticatorsOf({ verifiers, user: 'ada', token: OWN, apiToken: OWN, refused }).tools;
  };
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = { aud: AUDIENCE, client_id: 'desk', exp, scope: 'crm:read crm:write', groups: ['support', 'leads'] };
  const tokens = await Promise.all(
    Array.from({ length: TOKENS }, (_, at) =>
      new SignJWT({ ...claims, iss: ISSUERS[at % 2] ?? '', sub: `user-${at}` })
        .setProtectedHeader({ alg: 'ES256', kid: 'login 1', typ: 'at+jwt' })
        .sign(privateKey),
    ),
  );
  const bearer = (at: number): Presented => ({ door: 'http', bearer: tokens[at % TOKENS] });
  const known = authenticate();
  for (let at = 0; at < TOKENS; at++) await known(bearer(at));
  const remembered = (at: number) => known(bearer(at));
  const own = () => known({ door: 'http', bearer: OWN });
  await timed(CALLS, remembered);
  await timed(CALLS, own);
  const rounds: { remembered: number; own: number; first: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const fresh = Array.from({ length: Math.ceil(FIRST_CALLS / TOKENS) }, authenticate);
    rounds.push({
      remembered: await timed(CALLS, remembered),
      own: await timed(CALLS, own),
      first: await timed(FIRST_CALLS, (at) => fresh[Math.floor(at / TOKENS)]?.(bearer(at))),
    });
  }
  return {
    remembered: rounds.map((one) => one.remembered),
    own: rounds.map((one) => one.own),
    first: rounds.map((one) => one.first),
    characters: tokens[0]?.length ?? 0,
  };
}

/** What one call takes on average, in microseconds of processor time, all threads together. */
async function timed(calls: number, work: (at: number) => unknown): Promise<number> {
  const begun = process.cpuUsage();
  for (let at = 0; at < calls; at++) await work(at);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / calls;
}

/** As lines for a person. */
export function knownWords({ remembered, own, first, characters }: Known): string {
  const median = (all: readonly number[]): string =>
    (all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0).toFixed(1);
  return [
    `Knowing a caller by a token of ${characters} characters, of two issuers, ${ROUNDS} rounds of ${CALLS} calls, processor time.`,
    `  remembered  ${median(remembered)} us: a token that was verified before`,
    `  own         ${median(own)} us: the token of the token file`,
    `  first       ${median(first)} us: a token that is verified (ES256), ${FIRST_CALLS} calls a round`,
  ].join('\n');
}
