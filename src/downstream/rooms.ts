/**
 * The folder that a process finds where its address says `${session.dir}`: its session's own, or for a process that only
 * lists one that goes with it. A process is started in one room and never serves another session.
 */
import { SESSION_DIR } from '../document/references.ts';
import { type ServerAddress, SHARED } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Link, LinkOptions } from './links/link.ts';
import type { StdioAddress } from './links/server-process.ts';
import { openStdioLink } from './links/stdio-link.ts';

interface Room {
  /** An absolute path; the folder is there. */
  readonly dir: string;
  /** Called when no process of ours is in it any more. */
  leave(): void;
}

/** Makes the room of a session, or without one a throw-away. Throws a system's error where it cannot be made. */
export type Rooms = (session: string | undefined) => Room;

/** Whether a process of this server is its session's alone. */
export const needsRoom = (address: ServerAddress | undefined): boolean =>
  address?.kind === 'stdio' && textsOf(address).some((text) => text.includes(SESSION_DIR));

const textsOf = ({ command, cwd, env }: StdioAddress): readonly string[] => [...command, cwd, ...Object.values(env)];

/** Starts a server, in a room where it needs one. Refused with a sentence without a full stop. */
export async function openInRoom(
  address: StdioAddress,
  session: string | undefined,
  rooms: Rooms | undefined,
  options: LinkOptions,
): Promise<Result<Link, string>> {
  if (!needsRoom(address)) return openStdioLink(address, options);
  const room = roomOf(session, rooms);
  if (!room.ok) return room;
  return openStdioLink(within(address, room.value.dir), {
    ...options,
    opened: (channel) =>
      options.opened({
        close: async () => {
          await channel.close();
          room.value.leave();
        },
      }),
  });
}

function roomOf(session: string | undefined, rooms: Rooms | undefined): Result<Room, string> {
  if (session === SHARED) return refuse(`a shared server is in no session's folder, and this one needs ${SESSION_DIR}`);
  if (rooms === undefined) return refuse(`there is no folder here that ${SESSION_DIR} could stand for`);
  try {
    return ok(rooms(session));
  } catch (fault) {
    return refuse(`its folder cannot be made: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

function within(address: StdioAddress, dir: string): StdioAddress {
  // A function, since a folder's name may hold what `replaceAll` reads as a pattern.
  const placed = (text: string): string => text.replaceAll(SESSION_DIR, () => dir);
  const [program, ...words] = address.command;
  return {
    ...address,
    command: [program, ...words.map(placed)],
    cwd: placed(address.cwd),
    env: Object.fromEntries(Object.entries(address.env).map(([name, value]) => [name, placed(value)])),
  };
}
