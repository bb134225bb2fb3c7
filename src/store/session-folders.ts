/**
 * A folder a session, which only Tollgate's user may enter: what `${session.dir}` stands for. It is made when a process
 * first needs it, outlives that process and the gateway, and goes when its session is over.
 */
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What only the owner may enter. */
const PRIVATE = 0o700;
/** How the folders of processes begin that only list. No session's id does. */
const THROW_AWAY = '.listing-';

export class SessionFolders {
  readonly #root: string;

  /** Makes `root`. Throws a system's error where that cannot be. */
  constructor(root: string) {
    mkdirSync(root, { recursive: true, mode: PRIVATE });
    chmodSync(root, PRIVATE);
    // Without links: what a server says of a path in it begins with what the policy compares.
    this.#root = realpathSync(root);
  }

  /** Its path; whether it is there is another matter. */
  readonly of = (session: string): string => join(this.#root, session);

  /** The folder of a session, made where it is not there yet; without one a throw-away. Throws a system's error. */
  readonly enter = (session: string | undefined): { readonly dir: string; leave(): void } => {
    if (session !== undefined) return { dir: this.#make(this.of(session)), leave: () => undefined };
    const dir = mkdtempSync(join(this.#root, THROW_AWAY));
    return { dir, leave: () => rmSync(dir, { recursive: true, force: true }) };
  };

  /** Removes it with all that is in it; links are removed, not followed. False where the system does not allow it. */
  remove(session: string): boolean {
    try {
      rmSync(this.of(session), { recursive: true, force: true });
      return true;
    } catch {
      return false;
    }
  }

  /** The names of all that is here: of sessions, also of such that another ledger knows. */
  names(): readonly string[] {
    return readdirSync(this.#root).filter((name) => !name.startsWith(THROW_AWAY));
  }

  /** Removes what processes left that only listed: for the start, before any runs. Answers what could not be removed. */
  sweep(): readonly string[] {
    const left = readdirSync(this.#root).filter((name) => name.startsWith(THROW_AWAY));
    return left.filter((name) => !this.remove(name)).map(this.of);
  }

  #make(dir: string): string {
    mkdirSync(dir, { recursive: true, mode: PRIVATE });
    if (!lstatSync(dir).isDirectory()) throw new Error(`${dir} is a link, and leads to no folder of Tollgate`);
    chmodSync(dir, PRIVATE);
    return dir;
  }
}
