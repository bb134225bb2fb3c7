import { canonical, type JsonObject, sha256 } from '../../domain/json.ts';
import type { Lock, LockedServer } from '../../domain/lock.ts';
import { pinOf } from './definition-of.ts';
import { type WrittenLock, type WrittenServer, writtenText } from './lock-shape.ts';
import { packageShape } from './package-shape.ts';

/** The lock file's text: the same for the same content, whoever found it in whatever order. */
export function lockText({ servers }: Pick<Lock, 'servers'>): string {
  const names = [...servers.keys()].sort();
  const written = names.map((name) => [name, writtenServer(servers.get(name))] as const);
  return writtenText(Object.fromEntries(written) as WrittenLock['servers']);
}

/** A lock that stands in no file yet. */
export function lockOf(file: string, servers: Lock['servers']): Lock {
  const text = lockText({ servers });
  return { file, text, digest: sha256(text), servers };
}

function writtenServer(server: LockedServer | undefined): WrittenServer | undefined {
  if (server === undefined) return undefined;
  const { definitions, templates, pages, reached, era, instructions, package: fetched } = server;
  const ofKind = (kind: 'tool' | 'prompt') => definitions.filter((one) => one.kind === kind).map((one) => one.raw);
  return {
    ...(reached === undefined ? {} : { reached: JSON.parse(reached) as Exclude<WrittenServer['reached'], undefined> }),
    ...(era === undefined ? {} : { era }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(fetched === undefined ? {} : { package: packageShape.parse(fetched) }),
    tools: entriesOf(ofKind('tool'), 'name'),
    prompts: entriesOf(ofKind('prompt'), 'name'),
    templates: entriesOf(templates, 'uriTemplate'),
    pages: Object.fromEntries([...pages].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** By name: a server that lists in another order has changed nothing. */
const entriesOf = (entries: readonly JsonObject[], identifier: string): WrittenServer['tools'] =>
  entries
    .toSorted((one, other) => (canonical(one[identifier]) < canonical(other[identifier]) ? -1 : 1))
    .map((entry) => ({ pin: pinOf(entry), entry }));
