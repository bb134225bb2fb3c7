/** Tools that run as tasks (2025-11-25, `execution.taskSupport`): tasks do not pass, so no client may try. */
import type { Definition } from '../../domain/contract.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';

/** Whether a plain call of it is an error. */
export function runsOnlyAsTask({ raw }: Definition): boolean {
  const { execution } = raw;
  return isObject(execution) && execution['taskSupport'] === 'required';
}

/** The entry of a tool, saying nothing of tasks: unsaid is "forbidden". */
export function withoutTaskSupport(entry: JsonObject): JsonObject {
  const { execution, ...rest } = entry;
  if (!isObject(execution)) return entry;
  const { taskSupport: _support, ...kept } = execution;
  return Object.keys(kept).length === 0 ? rest : { ...rest, execution: kept };
}
