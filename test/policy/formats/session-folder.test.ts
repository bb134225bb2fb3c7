import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HEAD, PLAIN, profileOf, ref } from '../policy-text.ts';

const profile = profileOf(`${HEAD}servers: { files: { command: [a] } }
tools:
  files.read: { arguments: { path: { within: "${ref('session.dir')}" } } }
  files.copy: { arguments: { path: { within: ["${ref('policy.dir')}/shared", "${ref('session.dir')}/in"] } } }
resources: [{ server: files, uri: "file://${ref('session.dir')}/**" }]
`);

describe('a policy that speaks of folders', () => {
  it('means the folder of the session that calls, in rules and in resources', () => {
    const [resource] = profile.resources;
    const read = profile.tools.get('files.read');
    for (const [dir, verdict] of [
      ['/home/one', 'allow'],
      ['/home/two', 'deny'],
    ] as const) {
      expect(read?.judge({ path: '/home/one/x' }, { ...PLAIN, dir }).verdict).toBe(verdict);
      expect(resource?.matches('file:///home/one/x', dir)).toBe(verdict === 'allow');
      expect(resource?.covers('file:///home/one/{name}', dir)).toBe(verdict === 'allow' ? 'all' : 'none');
    }
  });

  it('means the folder that the policy stands in, from the start', () => {
    const judged = (path: string) => profile.tools.get('files.copy')?.judge({ path }, { ...PLAIN, dir: '/s' }).verdict;
    expect([resolve('shared', 'x'), '/s/in/x', '/s/x', resolve('x')].map(judged)).toEqual([
      ...['allow', 'allow', 'deny', 'deny'],
    ]);
  });
});
