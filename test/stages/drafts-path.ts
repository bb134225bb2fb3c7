/** A path whose tool `desk__send_draft` a person must approve, who is shown the draft that it points at. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath, type PathOptions } from '../support/path.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { holdOf } from './holding-path.ts';

export interface Drafts {
  /** What a policy says of the server, in YAML's flow style. */
  readonly yaml: string;
  write(id: string, text: string): void;
  /** What was sent, oldest first. */
  sent(): readonly JsonObject[];
}

export function draftsIn(folder: string): Drafts {
  const [drafts, sent] = [join(folder, 'drafts'), join(folder, 'sent.jsonl')];
  mkdirSync(drafts, { recursive: true });
  const program = join(import.meta.dirname, '../support/servers/drafts-stdio.ts');
  return {
    yaml: JSON.stringify({ command: ['node', program], env: { DRAFTS: drafts, SENT: sent } }),
    write: (id, text) => writeFileSync(join(drafts, id), text),
    sent: () =>
      (existsSync(sent) ? readFileSync(sent, 'utf8') : '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JsonObject),
  };
}

export interface DraftsPath extends OpenPath, Drafts {
  readonly folder: string;
  readonly person: Person;
  /** Calls `send_draft`, which is held; the hold. */
  held(given: JsonObject): Promise<Hold>;
  /** How often a draft was read. */
  reads(): Promise<number>;
}

export const SEND = 'desk__send_draft';

interface Rules {
  /** Keys of the tool that reads, and of the one that sends, in YAML's flow style. */
  readonly read?: string;
  readonly send?: string;
  /** Labels of what is read. */
  readonly labels?: string;
  /** Keys of the server. */
  readonly server?: string;
  /** Further parts of the file. */
  readonly more?: string;
}

export const draftsPolicy = (
  { yaml }: Pick<Drafts, 'yaml'>,
  { read = '', send = '', labels = '[]', server = '', more = '' }: Rules = {},
) => `
version: 1
profile: drafts
who: local
servers: { desk: ${yaml.slice(0, -1)}${server} } }
tools:
  desk.get_draft: { effect: read, visible: false, labels: ${labels}, sends_to: none${read} }
  desk.send_draft:
    { effect: irreversible, approval: {}, shows: { tool: desk.get_draft, arguments: { draft_id: "\${arguments.draft_id}" } }${send} }
${more}`;

/** Closed when the test ends. */
export async function draftsPath(rules: Rules = {}, options: PathOptions = {}): Promise<DraftsPath> {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const drafts = draftsIn(folder);
  const path = await openPath(folder, draftsPolicy(drafts, rules), options);
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...path,
    ...drafts,
    folder,
    person,
    held: async (given) => {
      const hold = await path.ledger.hold(holdOf(await path.call(SEND, given)), Date.now());
      if (hold === undefined) throw new Error('the hold is not in the ledger');
      return hold;
    },
    reads: async () =>
      (await path.journal()).filter(({ kind, body }) => kind === 'intent' && body['target'] === 'desk.get_draft')
        .length,
  };
}
