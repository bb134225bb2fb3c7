/** A path in this process under rules that a test writes, before a server that does as it is told. Closed when the test ends. */
import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, temporaryFolder } from './gateway.ts';
import { type OpenPath, openPath, type PathOptions } from './path.ts';
import { enrolPerson, type Person } from './person.ts';
import { type RecordingServer, recordingServer } from './recording-server.ts';

export interface RuledPath extends OpenPath {
  readonly folder: string;
  readonly person: Person;
  readonly server: RecordingServer;
  /** The path of another process: `owner` where the first has closed. */
  again(role: 'owner' | 'visitor'): Promise<OpenPath>;
}

/** `policy`: what follows `servers`, where `rough` is `rough-stdio.ts` with these flags; `more` are further keys of it. */
export async function ruledPath(
  policy: string,
  {
    flags = [],
    more = '',
    ...options
  }: PathOptions & { readonly flags?: readonly string[]; readonly more?: string } = {},
): Promise<RuledPath> {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const server = recordingServer(folder, 'rough-stdio.ts', {}, flags);
  const text = `version: 1\nprofile: ruled\nwho: local\nservers: { rough: ${server.yaml.slice(0, -1)}${more} } }\n${policy}`;
  const opened = async (role: 'owner' | 'visitor'): Promise<OpenPath> => {
    const path = await openPath(folder, text, { ...options, role });
    onTestFinished(() => path.close());
    return path;
  };
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { ...(await opened('owner')), folder, person, server, again: opened };
}

/** The route of a caller in another working folder: of a session of its own. */
export const inFolder = (folder: string): Pick<Received, 'route'> => ({
  route: { profile: undefined, session: undefined, folder },
});
