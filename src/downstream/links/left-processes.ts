/**
 * Processes that a killed gateway left. Most servers end when their stdin closes; one that does not, or what it started, is
 * found by a mark in the environment that it was given and handed on, whatever group or session it is in by now. Where
 * there is no /proc (no Linux) they are left to end by themselves.
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

/** The variable that says which gateway started a process. No secret: it names a folder by its digest. */
const MARK = 'TOLLGATE_GATEWAY';

/** Milliseconds between two looks, until a process that was asked to end is killed, and until one that was killed is gone. */
const LOOK_EVERY = 20;
const TERMINATE_WITHIN = 2_000;
const GONE_WITHIN = 2_000;

/** What the processes of the gateway of this home have in their environment. */
export const markOf = (home: string): Readonly<Record<string, string>> => ({
  [MARK]: hash('sha256', home).slice(0, 32),
});

/**
 * Ends all that is marked so, but for this process; a process without the mark is a stranger and is not touched. For the
 * owner of the home, before it starts any: nobody else's can be running. Gives how many there were.
 */
export async function endLeft(mark: Readonly<Record<string, string>>): Promise<number> {
  const texts = Object.entries(mark).map(([name, value]) => `${name}=${value}`);
  const left = marked(texts);
  for (const pid of left) signal(pid, 'SIGTERM');
  if (left.length === 0 || (await gone(texts, TERMINATE_WITHIN))) return left.length;
  for (const pid of marked(texts)) signal(pid, 'SIGKILL');
  await gone(texts, GONE_WITHIN);
  return left.length;
}

async function gone(texts: readonly string[], within: number): Promise<boolean> {
  for (let waited = 0; waited < within; waited += LOOK_EVERY) {
    if (marked(texts).length === 0) return true;
    await after(LOOK_EVERY);
  }
  return marked(texts).length === 0;
}

/** By id. Read anew before every signal, since an id that was free is given to somebody else. */
const marked = (texts: readonly string[]): readonly number[] =>
  processes().filter((pid) => {
    const environment = environmentOf(pid);
    return pid !== process.pid && texts.every((text) => environment.includes(text));
  });

function processes(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Nothing of a process that is gone, a zombie, or somebody else's. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}
