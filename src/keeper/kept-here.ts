/** What this process keeps for sessions: their processes and connections, then the folders that these were in. */
import type { Credentials } from '../domain/credential.ts';
import type { Kept } from './keep-ends.ts';

interface Connections {
  sessions(): ReadonlySet<string>;
  leave(session: string): Promise<void>;
}

interface Folders {
  names(): Iterable<string>;
  /** False where it could not be. */
  remove(session: string): boolean;
  of(session: string): string;
}

export const notRemoved = (folder: string): string => `${folder} cannot be removed: its session is over`;

export const keptHere = (
  connections: Connections,
  folders: Folders,
  credentials: Pick<Credentials, 'leave'>,
  report: (line: string) => void,
): Kept => ({
  sessions: () => [...connections.sessions(), ...folders.names()],
  leave: async (session) => {
    await connections.leave(session);
    await credentials.leave(session);
    if (!folders.remove(session)) report(notRemoved(folders.of(session)));
  },
});
