/** What a `subscriptions/listen` request opts in to (basic/patterns/subscriptions.mdx). */

import type { ListKind } from '../domain/downstream.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

export interface SubscriptionFilter {
  readonly lists: readonly ListKind[];
  /** URIs, each once. */
  readonly resources: readonly string[];
  /** Ids of tasks, each once. */
  readonly tasks: readonly string[];
}

const MOST_RESOURCES = 1_000;
const MOST_TASKS = 100;
const LISTS: readonly (readonly [member: string, list: ListKind])[] = [
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
];

/** Refused with a phrase without a full stop. */
export function readFilter({ notifications }: JsonObject): Result<SubscriptionFilter, string> {
  if (!isObject(notifications)) return refuse('notifications is an object');
  const uris = notifications['resourceSubscriptions'] ?? [];
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string'))
    return refuse('resourceSubscriptions is a list of URIs');
  if (uris.length > MOST_RESOURCES) return refuse(`resourceSubscriptions has at most ${MOST_RESOURCES} URIs`);
  const tasks = notifications['taskIds'] ?? [];
  if (!Array.isArray(tasks) || !tasks.every((id) => typeof id === 'string'))
    return refuse('taskIds is a list of texts');
  if (tasks.length > MOST_TASKS) return refuse(`taskIds has at most ${MOST_TASKS} ids`);
  const lists = LISTS.flatMap(([member, list]) => (notifications[member] === true ? [list] : []));
  return ok({ lists, resources: [...new Set<string>(uris)], tasks: [...new Set<string>(tasks)] });
}

/** A filter as the acknowledgement says it: only what is honoured. */
export const filterAsSaid = ({ lists, resources, tasks }: SubscriptionFilter): JsonObject => ({
  ...Object.fromEntries(LISTS.filter(([, list]) => lists.includes(list)).map(([member]) => [member, true])),
  ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }),
  ...(tasks.length === 0 ? {} : { taskIds: tasks }),
});
