/** Tollgate's own resources: the caller's session, to be read as resources of MCP. */
import type { JsonObject } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Memory } from './memory.ts';
import type { Asker, MemoryRefusal } from './own-session.ts';

const ROOT = 'tollgate://session';
const MIME = 'application/json';

/** Entries of lists, for a caller who has a session. */
export const OWN_ENTRIES: Readonly<Record<'resources' | 'resourceTemplates', readonly JsonObject[]>> = {
  resources: [
    {
      uri: ROOT,
      name: 'session',
      description:
        'This session: its state, what it has touched, what is left of its budget, and the calls that wait for a person.',
      mimeType: MIME,
    },
    {
      uri: `${ROOT}/events`,
      name: 'session events',
      description: 'What you wrote down in this session, in order.',
      mimeType: MIME,
    },
    {
      uri: `${ROOT}/calls`,
      name: 'session calls',
      description: 'The calls that were made in this session and what became of them, the newest first.',
      mimeType: MIME,
    },
  ],
  resourceTemplates: [
    {
      uriTemplate: `${ROOT}/results/{call}`,
      name: 'session result',
      description:
        'One call of this session: what was sent and, where it is kept, what came back. Read it instead of calling again.',
      mimeType: MIME,
    },
    {
      uriTemplate: `${ROOT}/events{?after}`,
      name: 'session events after',
      description: 'What you wrote down after the event of that number.',
      mimeType: MIME,
    },
    {
      uriTemplate: `${ROOT}/calls{?before}`,
      name: 'session calls before',
      description: 'The calls that were made before that one.',
      mimeType: MIME,
    },
  ],
};

type Answer = Promise<Result<JsonObject, MemoryRefusal>>;

const AT_ONCE = AbortSignal.abort();
const ID = '[A-Za-z0-9_-]{1,128}';

/** By what a URI says. The first group of the pattern is the argument. */
const READERS: readonly (readonly [uri: RegExp, read: (memory: Memory, asker: Asker, given: string) => Answer])[] = [
  [/^$/, (memory, asker) => memory.session(asker)],
  [/^\/events(?:\?after=(\d{1,15}))?$/, (memory, asker, after) => memory.events(asker, Number(after), AT_ONCE)],
  [new RegExp(`^/calls(?:\\?before=(${ID}))?$`), (memory, asker, call) => memory.calls(asker, call || undefined)],
  [new RegExp(`^/results/(${ID})$`), (memory, asker, call) => memory.result(asker, call)],
];

/** The result of reading one of our URIs (MCP `resources/read`). Refused as `call_unknown` where it names nothing. */
export const readOwn =
  (memory: Memory) =>
  async (asker: Asker, uri: string): Answer => {
    const rest = uri.startsWith(ROOT) ? uri.slice(ROOT.length) : '/';
    for (const [pattern, read] of READERS) {
      const found = pattern.exec(rest);
      if (found === null) continue;
      const answer = await read(memory, asker, found[1] ?? '');
      return answer.ok ? ok({ contents: [{ uri, mimeType: MIME, text: JSON.stringify(answer.value) }] }) : answer;
    }
    return refuse({ reason: 'call_unknown' });
  };
