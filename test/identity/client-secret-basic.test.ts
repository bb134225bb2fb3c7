import { expect, test } from 'vitest';
import { clientSecretBasic } from '../../src/identity/client-secret-basic.ts';

test.each([
  ['a-b_c.d*e', 'of letters and -_.*', 'a-b_c.d*e:of+letters+and+-_.*'],
  ['a:b', '100%/é', 'a%3Ab:100%25%2F%C3%A9'],
])('a client %s with a secret %s says %s', (id, secret, said) => {
  const headers = new Headers();
  clientSecretBasic(secret)({ issuer: 'https://login.example.com' }, { client_id: id }, new URLSearchParams(), headers);
  expect(headers.get('authorization')).toBe(`Basic ${Buffer.from(said).toString('base64')}`);
});
