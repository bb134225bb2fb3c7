/** The two ceremonies of WebAuthn, by the library: what browsers are asked, and whether what they bring is an answer to it. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { PasskeyAnswer } from '../../domain/given-proof.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { PasskeyProof } from '../../domain/proof.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { challengeOf } from './assertion.ts';
import { CHALLENGE_LIVES } from './kept-challenges.ts';
import type { PasskeyFile, PublicKey } from './passkey-file.ts';

/** ES256, EdDSA, RS256, by their COSE numbers. */
const ALGORITHMS = [-7, -8, -257];

/** Read when somebody uses a passkey: it takes a tenth of a second to load, and most who start us never need it. */
const library = () => import('@simplewebauthn/server');
const codec = () => import('@simplewebauthn/server/helpers');

const rpOf = (origin: string): string => new URL(origin).hostname;

/** What a browser is asked in order to make a passkey for `name`. */
export async function creationOptions(
  origin: string,
  name: string,
  known: readonly PasskeyFile[],
): Promise<{ readonly challenge: string; readonly options: JsonObject }> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: 'Tollgate',
    rpID: rpOf(origin),
    userName: name,
    userDisplayName: name,
    userID: new TextEncoder().encode(name),
    timeout: CHALLENGE_LIVES,
    attestationType: 'none',
    excludeCredentials: known.map(({ credential, transports }) => ({ id: credential, transports: [...transports] })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return { challenge: options.challenge, options: options as unknown as JsonObject };
}

export type Made = Pick<PasskeyFile, 'credential' | 'publicKey' | 'counter' | 'transports'>;

/** What a browser made. `response` is a stranger's; refuses with a phrase for the operator. */
export async function made(
  origin: string,
  challenge: string,
  response: PasskeyAnswer['response'],
): Promise<Result<Made, string>> {
  const { verifyRegistrationResponse } = await library();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpOf(origin),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return refuse('it was not made for this challenge');
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
    const key = await jwkOf(publicKey);
    if (key === undefined) return refuse('its key is of a kind that was not asked for');
    const plain = transports.filter((one) => /^[a-z-]{1,20}$/.test(one)).slice(0, 10);
    return ok({ credential: id, publicKey: key, counter, transports: plain });
  } catch (fault) {
    return refuse(wordsOf(fault));
  }
}

/** What a browser is asked in order to prove this text with one of these passkeys. */
export async function assertionOptions(origin: string, text: string, of: readonly PasskeyFile[]): Promise<JsonObject> {
  const { generateAuthenticationOptions } = await library();
  const options = await generateAuthenticationOptions({
    rpID: rpOf(origin),
    challenge: new Uint8Array(Buffer.from(challengeOf(text), 'base64url')),
    allowCredentials: of.map(({ credential, transports }) => ({ id: credential, transports: [...transports] })),
    timeout: CHALLENGE_LIVES,
    userVerification: 'required',
  });
  return options as unknown as JsonObject;
}

export interface Asserted {
  readonly proof: PasskeyProof;
  /** What the authenticator has counted up to; 0: it does not count. */
  readonly counter: number;
}

/** The proof that a browser brought for this text. `counter`: what was counted before, which a copy of the key would repeat. */
export async function asserted(
  passkey: PasskeyFile,
  text: string,
  response: PasskeyAnswer['response'],
  counter: number,
): Promise<Result<Asserted, string>> {
  const { verifyAuthenticationResponse } = await library();
  try {
    const given = response as unknown as AuthenticationResponseJSON;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given,
      expectedChallenge: challengeOf(text),
      expectedOrigin: passkey.origin,
      expectedRPID: rpOf(passkey.origin),
      credential: { id: passkey.credential, publicKey: await coseOf(passkey.publicKey), counter },
      requireUserVerification: true,
    });
    if (!verified) return refuse('its signature is wrong');
    const { authenticatorData, clientDataJSON, signature } = given.response;
    const proof = { kind: 'passkey', credential: passkey.credential, authenticatorData, clientDataJSON, signature };
    return ok({ proof: proof as PasskeyProof, counter: authenticationInfo.newCounter });
  } catch (fault) {
    return refuse(wordsOf(fault));
  }
}

/** The library says with an exception what does not fit. */
const wordsOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

const coded = (bytes: unknown): string => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64url') : '');

/** From COSE (RFC 9053, sections 2 and 7). */
async function jwkOf(publicKey: Uint8Array<ArrayBuffer>): Promise<PublicKey | undefined> {
  const { decodeCredentialPublicKey } = await codec();
  const members = decodeCredentialPublicKey(publicKey) as unknown as ReadonlyMap<number, unknown>;
  const member = (name: number): string => coded(members.get(name));
  switch (members.get(3)) {
    case -7:
      return { kty: 'EC', crv: 'P-256', x: member(-2), y: member(-3) };
    case -8:
      return { kty: 'OKP', crv: 'Ed25519', x: member(-2) };
    case -257:
      return { kty: 'RSA', n: member(-1), e: member(-2) };
    default:
      return undefined;
  }
}

async function coseOf(key: PublicKey): Promise<Uint8Array<ArrayBuffer>> {
  const { isoCBOR } = await codec();
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
  const members: [number, number | Uint8Array][] =
    key.kty === 'EC'
      ? [
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, bytes(key.x)],
          [-3, bytes(key.y)],
        ]
      : key.kty === 'OKP'
        ? [
            [1, 1],
            [3, -8],
            [-1, 6],
            [-2, bytes(key.x)],
          ]
        : [
            [1, 3],
            [3, -257],
            [-1, bytes(key.n)],
            [-2, bytes(key.e)],
          ];
  return isoCBOR.encode(new Map(members)) as Uint8Array<ArrayBuffer>;
}
