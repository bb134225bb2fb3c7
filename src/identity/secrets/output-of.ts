/** What a program prints: the way to password managers and keychains. */
import { spawn } from 'node:child_process';
import { ok, type Result, refuse } from '../../domain/result.ts';

/** Bytes; more is no secret but a mistake. */
const LONGEST = 64 * 1024;

/** What password managers and keychains need to find their files, their agent and the session bus; nothing else is handed on. */
const HANDED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
];

/**
 * Standard output of a program that no shell starts, with nothing on its standard input, ended with all it started when
 * it takes longer than `within` milliseconds. What it says on standard error is for nobody: it may hold the secret.
 */
export function outputOf(
  [program, ...words]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string | undefined>>,
  within: number,
): Promise<Result<string, string>> {
  const { promise, resolve } = Promise.withResolvers<Result<string, string>>();
  const env = Object.fromEntries(
    HANDED_ON.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
  // A group of its own: what it starts ends with it.
  const child = spawn(program, words, { env, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const end = (refusal: string): void => {
    clearTimeout(clock);
    resolve(refuse(refusal));
    child.stdout.destroy();
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) endGroup(child.pid);
  };
  const clock = setTimeout(() => end(`${program} did not end within ${within / 1000} s`), within);
  const pieces: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > LONGEST) end(`${program} printed more than ${LONGEST / 1024} KiB`);
    else pieces.push(piece);
  });
  child.on('error', (fault: NodeJS.ErrnoException) =>
    end(fault.code === 'ENOENT' ? `there is no program ${program}` : `${program} cannot be started (${fault.code})`),
  );
  child.on('close', (code, signal) => {
    clearTimeout(clock);
    if (code === 0) return resolve(ok(Buffer.concat(pieces).toString('utf8')));
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    return resolve(refuse(`${program} ended with ${how}; what it says is not shown here, run it by hand`));
  });
  return promise;
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
