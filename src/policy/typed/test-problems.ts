/** The calls in a policy's own tests against what the tools take: a call that no tool takes shows nothing. */
import type { Path } from '../../document/document.ts';
import { didYouMean } from '../../document/nearest.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Lock } from '../../domain/lock.ts';
import { inputOf } from '../schema/schema.ts';
import { argumentOf, type LockedTool } from './locked-tools.ts';
import type { Misfit } from './rule-problems.ts';

/**
 * What is wrong with the calls of one test, which stands at `path`. A call that is to be denied may hold values that the tool
 * does not take, but no arguments that it does not have; earlier calls were made, so they hold neither.
 */
export function testMisfits(
  test: JsonObject,
  lock: Lock,
  locked: ReadonlyMap<string, LockedTool>,
  path: Path,
): readonly Misfit[] {
  const given = isObject(test['given']) && Array.isArray(test['given']['calls']) ? test['given']['calls'] : [];
  return [
    ...callMisfits(test, test['arguments'] ?? {}, path, test['expect'] !== 'deny'),
    ...given.flatMap((call: JsonValue, at) =>
      isObject(call) ? callMisfits(call, call['arguments'], [...path, 'given', 'calls', at], true) : [],
    ),
  ];

  function callMisfits(call: JsonObject, args: JsonValue | undefined, at: Path, mustFit: boolean): readonly Misfit[] {
    const target = String(call['call']);
    const tool = locked.get(target);
    // Whether it is in the policy's tools is told where tests are run, but of a test that says it is not.
    if (tool === undefined) return call['rule'] === 'tools' ? unknownTool(target, lock, locked, [...at, 'call']) : [];
    if (!isObject(args)) return [];
    const strange = Object.keys(args).flatMap((name): readonly Misfit[] => {
      const { wrong } = argumentOf(tool, [name]);
      if (wrong === undefined) return [];
      return [{ path: [...at, 'arguments', name], of: 'key', message: `${target} ${wrong}` }];
    });
    if (strange.length > 0 || !mustFit) return strange;
    const checked = inputOf(tool.definition)(args);
    if (checked.ok) return [];
    const message = `${target} does not take this call: ${checked.error.join('; ')}`;
    return [{ path: [...at, 'arguments'], of: 'value', message }];
  }
}

/** Nothing for a server that the lock does not have. */
function unknownTool(
  target: string,
  lock: Lock,
  locked: ReadonlyMap<string, LockedTool>,
  path: Path,
): readonly Misfit[] {
  const [server = ''] = target.split('.', 1);
  const described = lock.servers
    .get(server)
    ?.definitions.some((one) => one.kind === 'tool' && `${server}.${one.name}` === target);
  if (described !== false) return [];
  const message = `${server} has no tool "${target.slice(server.length + 1)}"${didYouMean(target, locked.keys())}`;
  return [{ path, of: 'value', message }];
}
