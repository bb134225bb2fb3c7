/** Where a gateway goes, over a real one: its servers' URLs are judged as it is told in gateway.yaml. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { environmentOf, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { ownAddress } from '../support/own-address.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { sendJson } from '../support/servers/http-fixture.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const policyAt = (url: string): string =>
  `version: 1\nprofile: out\nwho: local\nservers: { crm: { url: "${url}" } }\ntools: { crm.look: { effect: read } }\n`;

function place(outgoing = ''): { readonly folder: string; readonly words: readonly string[] } {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, `version: 1\n${outgoing}`);
  return { folder, words: ['--config', config] };
}

/** What the agent and the operator are told of a call to the server. */
async function told(policy: string, outgoing?: string): Promise<{ readonly agent: string; readonly operator: string }> {
  const { folder, words } = place(outgoing);
  const gateway = await startGateway(policy, { folder, words });
  onTestFinished(() => gateway.stop());
  const agent = textOf(await post(gateway, legacyCall('crm__look', {})));
  return { agent, operator: gateway.reports.join('\n') };
}

describe('a server behind a URL', () => {
  test('where a cloud machine keeps its credentials is never asked', async () => {
    const { agent, operator } = await told(policyAt('http://169.254.169.254/latest/meta-data'));
    expect(agent).toContain('cannot be used now');
    expect(agent).not.toContain('169.254');
    expect(operator).toContain(
      '169.254.169.254 is a link-local address, where cloud machines keep their credentials: nothing there is ever connected to',
    );
  });

  const own = ownAddress();
  test.skipIf(own === undefined)('in a private range is asked where the range is listed, and only there', async () => {
    const { address = '', range = '' } = own ?? {};
    const served = await serveRoughHttp({
      era: 'modern',
      tools: [{ name: 'look', inputSchema: { type: 'object' } }],
      host: address,
      onCall: ({ message }, response) =>
        sendJson(response, 200, {
          jsonrpc: '2.0',
          id: message.id,
          result: { content: [{ type: 'text', text: 'seen' }] },
        }),
    });
    onTestFinished(() => served.close());
    const policy = policyAt(`http://${address.includes(':') ? `[${address}]` : address}:${served.port}/mcp`);
    expect((await told(policy)).operator).toContain('list its range under outgoing.private in gateway.yaml');
    expect(served.got).toEqual([]);
    expect((await told(policy, `outgoing: { private: ["${range}"] }\n`)).agent).toBe('seen');
  });

  test('is judged by who pins it, too', async () => {
    const { folder } = place();
    const policy = join(folder, 'policy.yaml');
    writeFileSync(policy, policyAt('http://169.254.169.254/'));
    const pinned = await run(['policy', 'pin', policy, '--yes'], environmentOf(folder));
    expect([pinned.code, pinned.stderr]).toEqual([69, expect.stringContaining('nothing there is ever connected to')]);
  });
});
