import { expect, test } from 'vitest';
import { wellKnown } from '../../src/identity/issuers/issuer-metadata.ts';

test('metadata is looked for in the order of the standards: between host and path, and after the path last', () => {
  const origin = 'https://login.example.com';
  const root = [`${origin}/.well-known/oauth-authorization-server`, `${origin}/.well-known/openid-configuration`];
  expect(wellKnown(origin)).toEqual(root);
  expect(wellKnown(`${origin}/`)).toEqual(root);
  expect(wellKnown(`${origin}/acme`)).toEqual([
    ...root.map((one) => `${one}/acme`),
    `${origin}/acme/.well-known/openid-configuration`,
  ]);
});
