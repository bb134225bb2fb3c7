/**
 * Secrets that tests make bear a mark, and all that gateways put out in a run is kept and searched for it when the run ends
 * (`canary-watch.ts`): what they print, their files, what they answer, their spans, and how the processes they started
 * were started. Outside a run nothing is kept.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Names the folder of the run. */
export const CANARIES = 'TOLLGATE_CANARIES';

const MARK = 'canary-q7vx-';

/** A larger file is no journal of a test but a disk that is being filled. Bytes. */
const SEARCHED = 64 * 1024 * 1024;

/** A secret for a test. Of a process' environment it bears the name of its variable: in another one it is a leak. */
export const canarySecret = (name: string): string => `${MARK}${name}-${randomBytes(12).toString('hex')}`;

/** The mark as it stands, in hex, and in base64 wherever it begins; the name of the canary after it where that can be read. */
export const MARKED = new RegExp(
  [`${MARK}([\\w.]*)`, Buffer.from(MARK).toString('hex'), ...[0, 1, 2].map(inBase64)].join('|'),
  'i',
);

/** The characters of base64 that are the same whatever stands before and after. */
function inBase64(before: number): string {
  const encoded = Buffer.from(`${' '.repeat(before)}${MARK}`).toString('base64url');
  const whole = Math.floor(((before + MARK.length) * 8) / 6);
  return encoded.slice(Math.ceil((before * 8) / 6), whole);
}

/** Keeps what a gateway put out at this place, to be searched. */
export function putOut(place: string, text: string): void {
  const folder = process.env[CANARIES];
  if (folder === undefined || text === '') return;
  appendFileSync(join(folder, `${process.pid}.txt`), `${place}: ${text.replaceAll(/\r?\n/g, `\n${place}: `)}\n`);
}

/** Searches the files of a gateway that is about to be gone. */
export function putOutFiles(folder: string): void {
  if (process.env[CANARIES] === undefined || !existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats?.isFile() || stats.size > SEARCHED) continue;
    const [found] = MARKED.exec(readFileSync(file, 'latin1')) ?? [];
    if (found !== undefined) putOut(file, found);
  }
}

/** How the processes that a gateway started, and it itself, were started. Only Linux lets that be read. */
export function putOutProcesses(gateway: number): void {
  if (process.env[CANARIES] === undefined || process.platform !== 'linux') return;
  const words = (pid: number): void => putOut(`command line of ${pid}`, read(pid, 'cmdline').replaceAll('\0', ' '));
  words(gateway);
  for (const child of startedBy(gateway)) {
    words(child);
    for (const variable of read(child, 'environ').split('\0')) {
      const [, name] = MARKED.exec(variable) ?? [];
      if (name === undefined || !variable.startsWith(`${name}=${MARK}${name}-`))
        putOut(`environment of ${child}`, variable);
    }
  }
}

const startedBy = (pid: number): readonly number[] => {
  const children = read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...startedBy(child)]);
};

/** Empty where the process has ended by now. */
function read(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}

/** Where the mark stands in what was kept: `FILE:LINE: PLACE`, with the name of the canary, and not the secret. */
export function leaksIn(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const found = MARKED.exec(line);
        if (found === null) return [];
        return [`${file}:${at + 1}: ${line.slice(0, Math.min(found.index, 200))}[canary ${found[1] ?? 'encoded'}]`];
      });
  });
}
