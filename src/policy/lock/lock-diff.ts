/** What is different between two locks, as values: for a person to read, and for a program. */
import type { Definition } from '../../domain/contract.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Lock, LockedServer } from '../../domain/lock.ts';
import { type Change, changesOf } from './entry-changes.ts';
import { packageChanges } from './package-changes.ts';
import { reachedWords } from './reached.ts';

export interface Difference {
  readonly server: string;
  readonly what: 'server' | 'tool' | 'prompt' | 'template' | 'page';
  /** Of what; undefined of the server itself. */
  readonly name: string | undefined;
  readonly how: 'new' | 'gone' | 'changed';
  /** False where only hints are different, which agents are not shown. */
  readonly blocks: boolean;
  readonly changes: readonly Change[];
}

type Servers = Pick<Lock, 'servers'>;

/** In the order of the servers' names. Empty where the two say the same. */
export function lockDiff(before: Servers | undefined, after: Servers): readonly Difference[] {
  const names = new Set([...(before?.servers.keys() ?? []), ...after.servers.keys()]);
  return [...names].sort().flatMap((name) => serverDiff(name, before?.servers.get(name), after.servers.get(name)));
}

function serverDiff(
  server: string,
  before: LockedServer | undefined,
  after: LockedServer | undefined,
): readonly Difference[] {
  const changes = [
    ...textChange('reached', reachedText(before), reachedText(after)),
    ...textChange('era', before?.era, after?.era),
    ...packageChanges(before?.package, after?.package),
    ...textChange('instructions', before?.instructions, after?.instructions),
  ];
  const how = before === undefined ? 'new' : after === undefined ? 'gone' : 'changed';
  const own: Difference = { server, what: 'server', name: undefined, how, blocks: true, changes };
  return [
    ...(how === 'changed' && changes.length === 0 ? [] : [own]),
    ...entriesDiff(server, 'tool', entriesOf(before, 'tool'), entriesOf(after, 'tool')),
    ...entriesDiff(server, 'prompt', entriesOf(before, 'prompt'), entriesOf(after, 'prompt')),
    ...entriesDiff(server, 'template', templatesOf(before), templatesOf(after)),
    ...pagesDiff(server, before?.pages ?? new Map(), after?.pages ?? new Map()),
  ];
}

const reachedText = (server: LockedServer | undefined): string | undefined =>
  server?.reached === undefined ? undefined : reachedWords(server.reached);

const textChange = (at: string, was: string | undefined, now: string | undefined): readonly Change[] =>
  was === now ? [] : [{ at, kind: 'text', was, now }];

type Entries = ReadonlyMap<string, JsonObject>;

const entriesOf = (server: LockedServer | undefined, kind: Definition['kind']): Entries =>
  new Map((server?.definitions ?? []).filter((one) => one.kind === kind).map((one) => [one.name, one.raw]));

const templatesOf = (server: LockedServer | undefined): Entries =>
  new Map((server?.templates ?? []).map((entry) => [String(entry['uriTemplate']), entry]));

function entriesDiff(
  server: string,
  what: 'tool' | 'prompt' | 'template',
  before: Entries,
  after: Entries,
): readonly Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name): readonly Difference[] => {
    const [was, now] = [before.get(name), after.get(name)];
    const changes = changesOf(was ?? {}, now ?? {});
    if (was !== undefined && now !== undefined && changes.length === 0) return [];
    const how = was === undefined ? 'new' : now === undefined ? 'gone' : 'changed';
    const blocks = how !== 'changed' || changes.some((change) => !change.at.startsWith('annotations'));
    // What is gone has nothing left to be read.
    return [{ server, what, name, how, blocks, changes: how === 'gone' ? [] : changes }];
  });
}

function pagesDiff(
  server: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly Difference[] {
  const uris = [...new Set([...before.keys(), ...after.keys()])].sort();
  return uris.flatMap((name): readonly Difference[] => {
    const [was, now] = [before.get(name), after.get(name)];
    if (was === now) return [];
    const how = was === undefined ? 'new' : now === undefined ? 'gone' : 'changed';
    return [{ server, what: 'page', name, how, blocks: true, changes: textChange('content', was, now) }];
  });
}
