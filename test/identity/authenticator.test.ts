import { expect, test } from 'vitest';
import { localCaller } from '../../src/domain/principal.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { authenticator } from '../../src/identity/authenticator.ts';
import { loopbackAuthenticator } from '../../src/identity/loopback.ts';
import type { VerifyToken } from '../../src/identity/token-verifier.ts';
import { toldSeldom } from '../../src/identity/told-seldom.ts';

const ADA = localCaller('ada');
const CALLER = { ...ADA, groups: ['support'] };
const verify: VerifyToken = (token) =>
  token === 'a.known.one' ? ok(CALLER) : Promise.resolve(token === 'a.good.one' ? ok(CALLER) : refuse(`not ${token}`));

function opened(token: string | undefined, opaque = false) {
  const reasons: string[] = [];
  const local = loopbackAuthenticator(ADA, token);
  const refused = (why: string): void => void reasons.push(why);
  const who = authenticator({ local, verify, opaque, anonymous: token === undefined, refused });
  return { reasons, http: (bearer: string | undefined) => who({ door: 'http', bearer }), who };
}

test('the socket and the loopback token name the local agent, a token of the issuer its caller', async () => {
  const { http, who, reasons } = opened('secret');
  expect(who({ door: 'socket' })).toEqual(ADA);
  expect(http('secret')).toEqual(ADA);
  expect(http('a.known.one')).toEqual(CALLER);
  expect(await http('a.good.one')).toEqual(CALLER);
  expect([http('other'), http(undefined), await http('a.bad.one')]).toEqual([undefined, undefined, undefined]);
  expect(reasons).toEqual(['not a.bad.one']);
});

test('where strangers are let in, one with a bad token is not', async () => {
  const { http } = opened(undefined);
  expect([http(undefined), http('other')]).toEqual([ADA, ADA]);
  expect(await http('a.bad.one')).toBeUndefined();
});

test('where a token may be any text, one that is not the loopback token is an issuer’s', async () => {
  const { http } = opened('secret', true);
  expect(http('secret')).toEqual(ADA);
  expect([await http('other'), http(undefined)]).toEqual([undefined, undefined]);
  const { http: open } = opened(undefined, true);
  expect([open(undefined), await open('other')]).toEqual([ADA, undefined]);
});

test('the operator is told each reason, and not again for a minute', () => {
  const lines: string[] = [];
  let clock = 0;
  const tell = toldSeldom(
    (why) => lines.push(why),
    () => clock,
  );
  for (const why of ['a', 'a', 'b']) tell(why);
  clock = 59_999;
  tell('a');
  expect(lines).toEqual(['a', 'b']);
  clock = 60_000;
  tell('a');
  expect(lines).toEqual(['a', 'b', 'a']);
});
