import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOwn } from '../../src/stages/memory/own-resources.ts';
import type { Asker } from '../../src/stages/memory/own-session.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath, TOKEN } from '../support/path.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { holdingPolicy } from './holding-path.ts';

const folder = temporaryFolder();
let server: RecordingServer;
let adas: OpenPath;
let eves: OpenPath;

beforeAll(async () => {
  server = recordingServer(folder, 'rough-stdio.ts', {}, ['resources']);
  adas = await openPath(folder, holdingPolicy(server));
  eves = await openPath(folder, holdingPolicy(server), { user: 'eve', role: 'visitor' });
});

afterAll(async () => {
  await eves.close();
  await adas.close();
  rmSync(folder, { recursive: true, force: true });
});

const asker = (session?: string): Asker => ({
  presented: { door: 'http', bearer: TOKEN },
  route: { profile: undefined, session, folder: undefined },
});

/** The session of one working folder. Callers without a folder have none. */
async function entered(): Promise<string> {
  await adas.call('rough__rough', { do: 'echo' }, { route: { ...asker().route, folder: '/work' } });
  return (await adas.session()).session.id;
}

describe("Tollgate's own resources", () => {
  const listed = async (path: OpenPath, list: 'resources' | 'resourceTemplates', session?: string) => {
    const { presented, route } = asker(session);
    const entries = await path.list(presented, route, list);
    const key = list === 'resources' ? 'uri' : 'uriTemplate';
    return entries.ok
      ? entries.value.map((entry) => entry[key]).filter((uri) => String(uri).startsWith('tollgate:'))
      : [];
  };

  test('are listed to an agent that has a session, and to no other', async () => {
    const id = await entered();
    expect(await listed(adas, 'resources')).toEqual([]);
    expect(await listed(adas, 'resources', id)).toEqual([
      'tollgate://session',
      'tollgate://session/events',
      'tollgate://session/calls',
    ]);
    expect(await listed(adas, 'resourceTemplates', id)).toEqual([
      'tollgate://session/results/{call}',
      'tollgate://session/events{?after}',
      'tollgate://session/calls{?before}',
    ]);
    expect(await listed(eves, 'resources', id)).toEqual([]);
  });

  test.each([
    'tollgate://other',
    'tollgate://session/',
    'tollgate://session/eventsx',
    'tollgate://session?x=1',
    'tollgate://sessions',
  ])('%s is none of them', async (uri) => {
    expect(await readOwn(adas.memory)(asker(await entered()), uri)).toEqual({
      ok: false,
      error: { reason: 'call_unknown' },
    });
  });

  test.each(['resources/read', 'resources/subscribe', 'completion/complete'] as const)(
    'never go to a server: on the path, %s is refused',
    async (operation) => {
      const as = {
        route: asker(await entered()).route,
        operation,
        completes: operation === 'completion/complete' ? ('resource' as const) : undefined,
      };
      const target = 'Tollgate://session/results/{call}';
      const { refusal } = await adas.call(target, { argument: { name: 'call', value: '' } }, as);
      expect(refusal).toEqual({ reason: 'target_unknown', target });
      expect(JSON.stringify(server.received())).not.toContain('ollgate://');
    },
  );
});
