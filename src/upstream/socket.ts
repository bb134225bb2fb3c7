/**
 * The 0600 socket that shims and command lines of this user find the gateway by. A connection opens with one line, the
 * hello; a shim then speaks MCP on it, one message a line, as its client does on stdio.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { z } from 'zod';
import type { AcceptanceProof } from '../domain/acceptance.ts';
import type { Finding } from '../domain/finding.ts';
import type { Result } from '../domain/result.ts';
import { LineCutter } from '../wire/lines.ts';
import type { Doorkeeper } from './conversation.ts';
import { LARGEST_BODY } from './doors.ts';
import { type Lines, serveAgent } from './stdio.ts';

/** The first line of a connection. */
const Hello = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('agent'), policy: z.string(), folder: z.string() }),
  z.strictObject({ as: z.literal('approver'), file: z.unknown() }),
  z.strictObject({ as: z.literal('person') }),
  z.strictObject({
    as: z.literal('acceptance'),
    policy: z.string(),
    proof: z.strictObject({
      by: z.string(),
      at: z.number(),
      nonce: z.string(),
      replaces: z.string().optional(),
      kid: z.string(),
      signature: z.string(),
    }),
  }),
  z.strictObject({
    as: z.literal('finding'),
    call: z.string(),
    finding: z.strictObject({
      outcome: z.enum(['executed', 'not_executed']),
      by: z.string(),
      at: z.number(),
      why: z.string(),
      nonce: z.string(),
      kid: z.string(),
      signature: z.string(),
    }),
  }),
]);
export type Hello = z.infer<typeof Hello>;

/** What a hello is answered with, as one line. */
export type Welcome =
  | { readonly ok: true; readonly profile?: string; readonly url?: string }
  /** `unavailable`: the file is right, and a server of it is not there. */
  | { readonly ok: false; readonly problem: string; readonly unavailable?: boolean };

/** Why a policy cannot be served: a line for each thing that is wrong. */
export interface Unserved {
  readonly kind: string;
  readonly problems: readonly string[];
}

export interface Attendants {
  /** The profile of a policy file, loaded where it is not yet; refuses with what is wrong with the file or a server of it. */
  profileOf(policy: string): Promise<Result<string, Unserved>>;
  /** Enrols the first approver; refuses with a sentence. */
  enrol(file: unknown): Promise<Result<unknown, string>>;
  /** Puts what a policy file says now in force on a person's word; refuses with a sentence. */
  accept(policy: string, proof: AcceptanceProof): Promise<Result<unknown, string>>;
  /** Settles a call of unknown outcome on a person's word; refuses with a sentence. */
  find(call: string, finding: Finding): Promise<Result<unknown, string>>;
  /** Where the browser of this user comes in: a new single-use link, or where people sign in. */
  open(): string;
}

export interface SocketDoor {
  /** How many agents are connected. */
  connected(): number;
  close(): Promise<void>;
}

/** Listens at `path`; whoever owns the store may remove what a dead process left there. */
export async function listenSocket(keeper: Doorkeeper, path: string, attendants: Attendants): Promise<SocketDoor> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const agents = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      agents.delete(socket);
    });
    greet(socket, attendants, (profile, folder, lines) => {
      agents.add(socket);
      serveAgent(keeper, socket, { profile, folder }, lines);
    }).catch(keeper.fault);
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(path, () => listening());
  });
  chmodSync(path, 0o600);
  const close = (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed());
      // What was said last leaves in this turn of the loop.
      setImmediate(() => {
        for (const socket of sockets) socket.destroy();
      });
    });
  return { connected: () => agents.size, close };
}

async function greet(
  socket: Socket,
  attendants: Attendants,
  admit: (profile: string, folder: string, lines: Lines) => void,
): Promise<void> {
  const early: string[] = [];
  let take = (line: string): void => void early.push(line);
  const lines: Lines = (onLine) => {
    take = onLine;
    for (const line of early.splice(0)) onLine(line);
  };
  const first = await new Promise<string>((hello) => {
    take = (line) => {
      take = (later) => void early.push(later);
      hello(line);
    };
    readLines(socket, (line) => take(line));
  });
  const welcome = await welcomeTo(first, attendants);
  socket.write(`${JSON.stringify(welcome.said)}\n`);
  if (welcome.said.ok && welcome.folder !== undefined && welcome.said.profile !== undefined) {
    admit(welcome.said.profile, welcome.folder, lines);
  } else {
    socket.end();
  }
}

async function welcomeTo(line: string, attendants: Attendants): Promise<{ said: Welcome; folder?: string }> {
  const hello = Hello.safeParse(parsed(line));
  if (!hello.success)
    return { said: { ok: false, problem: 'the first line is no hello that this version of Tollgate knows' } };
  if (hello.data.as === 'approver') {
    const enrolled = await attendants.enrol(hello.data.file);
    return { said: enrolled.ok ? { ok: true } : { ok: false, problem: enrolled.error } };
  }
  if (hello.data.as === 'person') return { said: { ok: true, url: attendants.open() } };
  if (hello.data.as === 'acceptance') {
    const { policy, proof } = hello.data;
    const accepted = await attendants.accept(policy, { ...proof, replaces: proof.replaces });
    return { said: accepted.ok ? { ok: true } : { ok: false, problem: accepted.error } };
  }
  if (hello.data.as === 'finding') {
    const found = await attendants.find(hello.data.call, hello.data.finding);
    return { said: found.ok ? { ok: true } : { ok: false, problem: found.error } };
  }
  const profile = await attendants.profileOf(hello.data.policy);
  if (!profile.ok) {
    const { kind, problems } = profile.error;
    return { said: { ok: false, problem: problems.join('\n'), unavailable: kind === 'server' } };
  }
  return { said: { ok: true, profile: profile.value }, folder: hello.data.folder };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** One line a message, bounded: a longer one ends the connection. */
function readLines(socket: Socket, onLine: (line: string) => void): void {
  const cutter = new LineCutter(LARGEST_BODY);
  socket.on('data', (piece: Buffer) => {
    const lines = cutter.push(piece);
    if (lines === undefined) socket.destroy();
    for (const line of lines ?? []) if (line !== '') onLine(line);
  });
}
