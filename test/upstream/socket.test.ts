import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { recordingServer } from '../support/recording-server.ts';

test('a connection that never says hello does not keep the gateway from ending', async () => {
  const folder = temporaryFolder();
  const server = recordingServer(folder);
  const tools = 'tools: { rough.rough: { effect: read } }';
  const policy = `version: 1\nprofile: quiet\nwho: local\nservers: { rough: ${server.yaml} }\n${tools}\n`;
  const gateway = await startGateway(policy, { folder });
  const silent = connect(gateway.home.socket);
  await once(silent, 'connect');
  const closed = once(silent, 'close');
  await gateway.stop();
  await closed;
  expect(silent.destroyed).toBe(true);
  rmSync(folder, { recursive: true, force: true });
});
