/** What `commit` and an audit check by themselves of what was stored: nothing of it is believed because a gateway once took it. */
import { expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/json.ts';
import type { PasskeyProof } from '../../../src/domain/proof.ts';
import { challengeOf, isAsserted } from '../../../src/identity/passkeys/assertion.ts';
import { SoftAuthenticator, type Wrong } from '../../support/authenticator.ts';

const ORIGIN = 'https://tollgate.example.com:8443';
const TEXT = sha256('an answer');
const key = new SoftAuthenticator(ORIGIN);
const enrolled = { key: key.publicKey, origin: ORIGIN };

function proofOf(wrong: Wrong = {}): PasskeyProof {
  const { id, response } = key.get({ challenge: challengeOf(TEXT) }, wrong);
  return { kind: 'passkey', credential: id, ...response };
}

test('a good one is one', () => {
  expect(isAsserted(TEXT, proofOf(), enrolled)).toBe(true);
});

test.each<readonly [string, Wrong]>([
  ['without user verification', { flags: 1 }],
  ['without user presence', { flags: 4 }],
  ['for another challenge', { challenge: challengeOf(sha256('another')) }],
  ['from another origin', { origin: 'https://tollgate.example.com' }],
  ['for another RP', { rp: 'example.com' }],
  ['of another type', { type: 'webauthn.create' }],
  ['from a frame of another', { crossOrigin: true }],
])('%s it is none, though its signature is right', (_, wrong) => {
  expect(isAsserted(TEXT, proofOf(wrong), enrolled)).toBe(false);
});

test('altered, shortened or spelled another way it is none', () => {
  const proof = proofOf();
  const turned = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  for (const member of ['authenticatorData', 'clientDataJSON', 'signature'] as const)
    for (const value of [turned(proof[member]), `${proof[member]}=`, proof[member].slice(0, 20), ''])
      expect(isAsserted(TEXT, { ...proof, [member]: value }, enrolled)).toBe(false);
  const other = new SoftAuthenticator(ORIGIN);
  expect(isAsserted(TEXT, proof, { ...enrolled, key: other.publicKey })).toBe(false);
});
