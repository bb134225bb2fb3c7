/** A server that runs as our child: started in its own process group, spoken to line by line, ended with all it started. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { ServerAddress } from '../../domain/policy.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { LineCutter } from '../../wire/lines.ts';
import { LARGEST_MESSAGE } from './channel.ts';
import type { ProcessEnvironment } from './process-environment.ts';
import { endGroup, ownGroup } from './process-group.ts';

export type StdioAddress = Extract<ServerAddress, { kind: 'stdio' }>;

/** How long a server may take to leave by itself once its stdin is closed, and then on SIGTERM. Milliseconds. */
const LEAVE_WITHIN = 500;
const TERMINATE_WITHIN = 2_000;
/** How long output is still read after the process is gone: something it started may hold the pipes open. */
const DRAIN_WITHIN = 500;
/** Of stderr so much is kept for the sentence that says why a server ended. Bytes. */
const STDERR_KEPT = 64 * 1024;
/** Of a server's words so much goes into a sentence of ours. Characters. */
const QUOTED = 300;

export interface Ears {
  /** A line of stdout. */
  line(text: string): void;
  /** A line of stderr. */
  complaint(text: string): void;
  /** The process is gone, and its output read. `how` is a sentence without a full stop. */
  ended(how: string): void;
}

export class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #program: string;
  readonly #environment: Pick<ProcessEnvironment, 'shown'>;
  readonly #ears: Ears;
  readonly #gone: Promise<void>;
  #isGone = false;
  #lastWords = '';
  #fault: string | undefined;

  constructor(
    child: ChildProcessWithoutNullStreams,
    program: string,
    environment: Pick<ProcessEnvironment, 'shown'>,
    ears: Ears,
  ) {
    this.#child = child;
    this.#program = program;
    this.#environment = environment;
    this.#ears = ears;
    this.#readOutput();
    this.#readComplaints();
    // A broken pipe is told by the exit that follows it.
    child.stdin.on('error', () => child.stdin.destroy());
    this.#gone = this.#waitForEnd();
  }

  /** Writes one line. False when no byte can reach the process any more. */
  write(line: string): boolean {
    const { stdin, exitCode, signalCode } = this.#child;
    if (!stdin.writable || exitCode !== null || signalCode !== null) return false;
    stdin.write(`${line}\n`);
    return true;
  }

  /** Ends the process and all it started: stdin closed, then SIGTERM, then SIGKILL. Resolves when they are gone. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    const leaves = new AbortController();
    await Promise.race([this.#gone, after(LEAVE_WITHIN, undefined, { signal: leaves.signal }).catch(() => undefined)]);
    leaves.abort();
    // A group that is gone is left alone: its number may belong to somebody else by now.
    if (!this.#isGone && this.#child.pid !== undefined) await endGroup(this.#child.pid, TERMINATE_WITHIN);
    await this.#gone;
  }

  #readOutput(): void {
    const lines = new LineCutter(LARGEST_MESSAGE);
    const { stdout } = this.#child;
    stdout.on('data', (piece: Buffer) => {
      const cut = lines.push(piece);
      for (const line of cut ?? []) this.#ears.line(line);
      if (cut !== undefined) return;
      this.#fault = `${this.#program} wrote a line of more than ${LARGEST_MESSAGE >> 20} MiB`;
      stdout.removeAllListeners('data').resume();
      void this.end();
    });
  }

  #readComplaints(): void {
    const lines = new LineCutter(STDERR_KEPT);
    const hear = (text: string): void => {
      const line = this.#environment.shown(text);
      if (line.trim() === '') return;
      this.#lastWords = line;
      this.#ears.complaint(line);
    };
    this.#child.stderr.on('data', (piece: Buffer) => {
      // A line without end is told in pieces: its writer is no message peer, only somebody who complains.
      const cut = lines.push(piece);
      for (const line of cut ?? [lines.rest()]) hear(line);
    });
    this.#child.stderr.on('end', () => hear(lines.rest()));
  }

  async #waitForEnd(): Promise<void> {
    const { promise: exited, resolve } = Promise.withResolvers<string>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    this.#child.on('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    this.#child.on('close', () => close());
    const how = await exited;
    // What it started goes with it; then its pipes close, unless somebody left the group.
    const group = this.#child.pid === undefined ? undefined : endGroup(this.#child.pid, TERMINATE_WITHIN);
    const drained = new AbortController();
    await Promise.race([closed, after(DRAIN_WITHIN, undefined, { signal: drained.signal }).catch(() => undefined)]);
    drained.abort();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#ears.ended(this.#fault ?? `${this.#program} ended (${how})`);
    await group;
    this.#isGone = true;
  }

  /** `: ` and its last line on stderr, made fit to read, or nothing. A stranger's words: for the operator, never for agents. */
  quote(): string {
    const words = stripVTControlCharacters(this.#lastWords)
      .replaceAll(/\p{Cc}|\p{Cf}/gu, ' ')
      .trim();
    return words === '' ? '' : `: ${words.slice(0, QUOTED)}`;
  }
}

/** Starts a server. Refused with a sentence without a full stop when it cannot be started. */
export async function startServer(
  address: StdioAddress,
  environment: ProcessEnvironment,
  ears: Ears,
): Promise<Result<ServerProcess, string>> {
  const [command, ...parameters] = address.command;
  const program = basename(command);
  if (!existsSync(address.cwd)) return refuse(`cannot start ${program}: its folder ${address.cwd} does not exist`);
  const child = spawn(command, parameters, {
    cwd: address.cwd,
    env: environment.variables,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  child.once('spawn', () => resolve(undefined));
  child.once('error', resolve);
  if (child.pid !== undefined) ownGroup(child.pid);
  const started = new ServerProcess(child, program, environment, ears);
  const fault = await promise;
  return fault === undefined ? ok(started) : refuse(`cannot start ${program}: ${reasonOf(fault, command)}`);
}

function reasonOf(fault: NodeJS.ErrnoException, command: string): string {
  if (fault.code === 'ENOENT') return `there is no program ${command}`;
  if (fault.code === 'EACCES') return `${command} is not executable`;
  return fault.message;
}
