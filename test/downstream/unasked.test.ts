import { expect, it } from 'vitest';
import { connect, open, served } from '../support/catalog.ts';
import { ALL_ABILITIES, until } from '../support/downstream.ts';
import { serveTellingLegacy } from '../support/servers/telling-http.ts';
import { tries } from '../support/subscriptions.ts';

it('the stream for questions is not asked for again and again of a server that ends it at once', async () => {
  const server = served(await serveTellingLegacy({ quiet: true }));
  const { downstream, log } = open(server);
  await connect(downstream, 'one', ALL_ABILITIES);
  for (let ended = 0; ended < 3; ended++) {
    await until(() => server.streams() === 1);
    server.drop();
    await until(() => server.streams() === 0);
  }
  await tries();
  expect([server.asked(), server.streams(), log]).toEqual([3, 0, []]);
});

it('the stream for questions is opened again where it lasted', async () => {
  let at = 0;
  const server = served(await serveTellingLegacy({ quiet: true }));
  await connect(open(server, () => at).downstream, 'one', ALL_ABILITIES);
  for (let ended = 0; ended < 4; ended++) {
    await until(() => server.streams() === 1);
    at += 5_000;
    server.drop();
    await until(() => server.streams() === 0);
  }
  await until(() => server.streams() === 1);
  expect(server.asked()).toBe(5);
});
