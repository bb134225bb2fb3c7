/** `tollgate policy install`, and gateways that run what it fetched. */
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { homeOf } from '../../src/home.ts';
import { type Registry, startRegistry } from '../packages/registry.ts';
import { ref } from '../policy/policy-text.ts';
import { environmentOf, type Finished, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post } from '../support/posts.ts';

const server = pathToFileURL(join(import.meta.dirname, '../support/servers/rough-stdio.ts')).href;
const SERVER = {
  name: '@scope/rough',
  version: '1.0.0',
  manifest: { bin: 'main.js', type: 'module' },
  files: {
    'main.js': `import { writeFileSync } from 'node:fs';
writeFileSync(process.argv[2] + '/was-here', process.execPath);
process.env.RECORD = process.argv[2] + '/record';
await import('${server}');
`,
  },
};

let registry: Registry;
let folder: string;
let policy: string;
let config: string;
const npm = () => ({ npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache') });
const tollgate = (...words: readonly string[]): Promise<Finished> => run(words, environmentOf(folder, npm()));
const install = (...words: readonly string[]) => tollgate('policy', 'install', policy, '--config', config, ...words);

const POLICY = 'version: 1\nprofile: test\nwho: local\ntools: { rough.rough: { effect: read } }\n';

beforeAll(async () => {
  registry = await startRegistry();
  registry.publish(SERVER);
});
afterAll(() => registry.close());
beforeEach(() => {
  folder = realpathSync(temporaryFolder());
  [policy, config] = [join(folder, 'policy.yaml'), join(folder, 'gateway.yaml')];
  writeFileSync(policy, POLICY);
  const rough = `{ package: "npm:@scope/rough@1.0.0", arguments: ["${ref('session.dir')}"] }`;
  writeFileSync(config, `version: 1\nservers: { rough: ${rough} }\n`);
  return () => rmSync(folder, { recursive: true, force: true });
});

test('nothing is fetched before a person agrees, and what would be is shown', async () => {
  const asked = registry.asked.length;
  const { code, stderr } = await install();
  expect(code).toBe(77);
  expect(stderr).toContain('rough  npm:@scope/rough@1.0.0  not locked yet');
  expect(stderr).toContain('tollgate: nobody is there to agree: add --yes\n');
  expect(registry.asked).toHaveLength(asked);
});

test('a gateway starts what was fetched, in the session’s folder, and fetches nothing itself', async () => {
  const before = await tollgate('serve', '--policy', policy, '--config', config, '--port', '0');
  expect([before.code, before.stderr]).toEqual([
    69,
    `tollgate: rough: npm:@scope/rough@1.0.0 is not installed: tollgate policy install ${policy}\n`,
  ]);

  const fetched = await install('--yes', '--json');
  expect(JSON.parse(fetched.stdout)).toMatchObject({ server: 'rough', version: '1.0.0', fetched: true, locked: false });
  const again = await install();
  expect([again.code, again.stderr]).toEqual([0, '']);
  expect(again.stdout).toMatch(/^ok {2}rough {2}npm:@scope\/rough@1\.0\.0 {2}there already, sha512-/);

  const asked = registry.asked.length;
  const gateway = await startGateway(POLICY, { folder, words: ['--config', config] });
  try {
    const answered = await post(gateway, legacyCall('rough__rough', { do: 'echo' }));
    expect(answered.last).toMatchObject({ result: { content: [{ type: 'text', text: 'ok' }] } });
    const { sessions } = homeOf(environmentOf(folder));
    const [session = ''] = readdirSync(sessions).filter((name) => name.startsWith('s_'));
    expect(readFileSync(join(sessions, session, 'was-here'), 'utf8')).toBe(process.execPath);
    expect(registry.asked).toHaveLength(asked);
  } finally {
    await gateway.stop();
  }
});

test('a policy’s own server may be a package; what is swapped after it was fetched does not start', async () => {
  const rough = `{ package: "npm:@scope/rough@1.0.0", arguments: ["${ref('session.dir')}"] }`;
  writeFileSync(policy, `${POLICY}servers: { rough: ${rough} }\n`);
  const { folder: place } = JSON.parse((await tollgate('policy', 'install', policy, '--yes', '--json')).stdout);
  const record = join(place, 'package-lock.json');
  writeFileSync(record, readFileSync(record, 'utf8').replace('"version": "1.0.0"', '"version": "1.0.1"'));
  const { code, stderr } = await tollgate('serve', '--policy', policy, '--port', '0');
  expect([code, stderr]).toEqual([69, 'tollgate: rough: npm recorded another than npm:@scope/rough@1.0.0\n']);
});

test('a package that cannot be fetched is told, and a policy without packages needs nothing', async () => {
  writeFileSync(config, 'version: 1\nservers: { rough: { package: "npm:@scope/gone@1.0.0" } }\n');
  const gone = await install('--yes');
  expect(gone.code).toBe(69);
  expect(gone.stderr).toMatch(/^tollgate: rough: npm did not fetch @scope\/gone@1\.0\.0: .*E404/m);
  writeFileSync(config, 'version: 1\nservers: { rough: { url: "http://127.0.0.1:1/" } }\n');
  expect(await install()).toMatchObject({ code: 0, stdout: 'No server of this policy is named by a package.\n' });
});
