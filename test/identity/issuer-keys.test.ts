import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readIssuerKeys } from '../../src/identity/issuer-keys.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { openIssuer } from '../support/issuer.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'set.json');
let [sound, secret]: readonly JWK[] = [];
beforeAll(async () => {
  const issuer = await openIssuer(folder);
  [sound, secret] = [issuer.publicJwk, await exportJWK(issuer.privateKey)];
});

function read(...keys: readonly unknown[]) {
  writeFileSync(file, JSON.stringify({ keys }));
  return readIssuerKeys(file);
}

const refused = (words: string) => ({ ok: false, error: words });

describe('the keys of an issuer', () => {
  test('are those that can check a token; what is for something else is passed over', () => {
    const encrypts = { ...sound, kid: 'e', use: 'enc' };
    const other = { ...sound, kid: 'o', alg: 'ES512' };
    const unknown = { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' };
    expect(read(encrypts, sound, other, unknown)).toEqual({ ok: true, value: { keys: [sound] } });
  });

  test('are never private or symmetric ones, whatever they are for', () => {
    const words = (what: string) => refused(`key 2 of ${file} is a ${what} key: it must hold public ones only.`);
    expect(read(sound, secret)).toEqual(words('private'));
    expect(read(sound, { kty: 'RSA', n: 'AQAB', e: 'AQAB', dp: 'AA' })).toEqual(words('private'));
    expect(read(sound, { kty: 'oct', k: 'AAAA', use: 'enc' })).toEqual(words('symmetric'));
    expect(read(sound, { kty: 'oct' })).toEqual(words('symmetric'));
  });

  test('are whole, long enough, and told apart', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const short = { ...publicKey.export({ format: 'jwk' }), kid: 'short' };
    expect(read(short)).toEqual(refused(`key 1 of ${file} (short) has 1024 bits; expected at least 2048.`));
    const broken = `key 1 of ${file} (b) is broken: its members are not those of its kind.`;
    expect(read({ ...sound, kid: 'b', x: 'AAAA' })).toEqual(refused(broken));
    expect(read(sound, sound)).toEqual(refused(`key 2 of ${file} (ES256 1) has the kid of another key.`));
  });

  test('are a JWK Set in a file that can be read', () => {
    const none = `${file} is no JWK Set: {"keys": [...]} with a "kty" in each key.`;
    for (const text of ['{}', '[]', '{"keys":{}}', '{"keys":[5]}', '{"keys":[{}]}']) {
      writeFileSync(file, text);
      expect(readIssuerKeys(file)).toEqual(refused(none));
    }
    writeFileSync(file, '-----BEGIN PUBLIC KEY-----');
    expect(readIssuerKeys(file)).toEqual(refused(`${file} is no JSON, so no JWK Set.`));
    expect(read()).toEqual(refused(`${file} holds no key that can check a token: RSA, EC P-256, EC P-384 or Ed25519.`));
    mkdirSync(join(folder, 'none'));
    for (const name of ['none', 'missing']) {
      const there = readIssuerKeys(join(folder, name));
      expect(there.ok ? '' : there.error).toContain(`${join(folder, name)}, the keys of the issuer, cannot be read: `);
    }
  });
});
