import { expect, test } from 'vitest';
import { localCaller } from '../../src/domain/principal.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { authenticator } from '../../src/identity/authenticator.ts';
import { loopbackAuthenticator } from '../../src/identity/loopback.ts';
import type { VerifyToken } from '../../src/identity/token-verifier.ts';

const ADA = localCaller('ada');
const CALLER = { ...ADA, groups: ['support'] };
const verify: VerifyToken = (token) =>
  token === 'a.known.one' ? ok(CALLER) : Promise.resolve(token === 'a.good.one' ? ok(CALLER) : refuse(`not ${token}`));

function opened(token: string | undefined) {
  const lines: string[] = [];
  const clock = { at: 0 };
  const local = loopbackAuthenticator(ADA, token);
  const who = authenticator({ local, verify, report: (line) => lines.push(line), now: () => clock.at });
  return { lines, clock, http: (bearer: string | undefined) => who({ door: 'http', bearer }), who };
}

test('the socket and the loopback token name the local agent, a token of the issuer its caller', async () => {
  const { http, who } = opened('secret');
  expect(who({ door: 'socket' })).toEqual(ADA);
  expect(http('secret')).toEqual(ADA);
  expect(http('a.known.one')).toEqual(CALLER);
  expect(await http('a.good.one')).toEqual(CALLER);
  expect([http('other'), http(undefined), await http('a.bad.one')]).toEqual([undefined, undefined, undefined]);
});

test('where strangers are let in, one with a bad token is not', async () => {
  const { http } = opened(undefined);
  expect([http(undefined), http('other')]).toEqual([ADA, ADA]);
  expect(await http('a.bad.one')).toBeUndefined();
});

test('the operator is told each reason, and not again for a minute', async () => {
  const { http, lines, clock } = opened('secret');
  for (let count = 0; count < 3; count++) await http('a.bad.one');
  await http('another.bad.one');
  clock.at = 59_999;
  await http('a.bad.one');
  expect(lines).toEqual(['a token was refused: not a.bad.one', 'a token was refused: not another.bad.one']);
  clock.at = 60_000;
  await http('a.bad.one');
  expect(lines).toHaveLength(3);
});
