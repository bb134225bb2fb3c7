/** Calls that a person is asked about without seeing what they are about. */
import type { Problem } from '../../document/document.ts';
import { isObject } from '../../domain/json.ts';
import type { LoadedPolicy } from '../file/load.ts';
import { keyOfTool } from '../file/rule-places.ts';
import { quoted } from '../judge/rule-words.ts';

/** The id of a draft says nothing of the draft, and who wrote it may still write. */
const POINTER = /^(?:draft|draft_?id)$/i;

export function pointerWarnings({ document, profile }: LoadedPolicy): readonly Problem[] {
  const told = new Set<string>();
  return [...profile.tools].flatMap(([target, { canHold, shows, contract }]) => {
    const definitions = profile.lock?.servers.get(contract.server)?.definitions ?? [];
    const definition = definitions.find(({ kind, name }) => kind === 'tool' && name === contract.name);
    const taken = definition?.inputSchema['properties'];
    const pointer = isObject(taken) ? Object.keys(taken).find((name) => POINTER.test(name)) : undefined;
    const key = keyOfTool(document, profile.lock, target);
    if (!canHold || shows !== undefined || pointer === undefined || key === undefined || told.has(key)) return [];
    told.add(key);
    const message = `a person is asked about ${quoted(pointer)}, which only points: say what reads it (shows)`;
    return [document.keyProblem(['tools', key], message)];
  });
}
