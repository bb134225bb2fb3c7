/** What this process keeps for sessions: their processes and connections, their credentials, then the folders that these were in. */
import type { Kept } from './keep-ends.ts';

interface Connections {
  sessions(): ReadonlySet<string>;
  leave(session: string): Promise<void>;
}

/** Of its servers, kept in memory. */
interface KeptCredentials {
  sessions(): Iterable<string>;
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
  credentials: KeptCredentials,
  folders: Folders,
  report: (line: string) => void,
): Kept => ({
  sessions: () => [...connections.sessions(), ...credentials.sessions(), ...folders.names()],
  leave: async (session) => {
    await connections.leave(session);
    await credentials.leave(session);
    if (!folders.remove(session)) report(notRemoved(folders.of(session)));
  },
});
