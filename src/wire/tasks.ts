/** Tasks as clients of 2026-07-28 read them (io.modelcontextprotocol/tasks): their ids, how they stand, their faults. */
import type { Question } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';
import { TASKS, type Task } from '../domain/tasks.ts';
import type { Worded } from './answers.ts';
import { invalidParams, MISSING_CAPABILITY, type RequestId, type WireFault } from './faults.ts';
import { subscriptionMeta } from './notices.ts';
import { openNote, type Seal, sealNote } from './seal.ts';

/** How often a client should look, in milliseconds. */
const LOOK_EVERY = 2_000;
const PURPOSE = 'task 1';

/** A task and its life: it can be read for `ttl` milliseconds from `createdAt` on (milliseconds since the epoch). */
export interface NamedTask {
  readonly id: string;
  readonly task: Task;
  readonly createdAt: number;
  readonly ttl: number;
}

/** The id is a sealed note: nobody can guess one, it is worth nothing to anybody else, and every replica reads it. */
export function nameTask(task: Task, createdAt: number, ttl: number, seal: Seal): NamedTask {
  const { call, hold = null, lineage = null, isAnothers } = task;
  return { id: sealNote(PURPOSE, [call, hold, lineage, isAnothers, createdAt, ttl], seal), task, createdAt, ttl };
}

/** Undefined where the id is none of ours, somebody else's, or too old. `at`: milliseconds since the epoch. */
export function openTask(id: unknown, at: number, seal: Seal): NamedTask | undefined {
  const note = typeof id === 'string' ? openNote(PURPOSE, id, seal) : undefined;
  if (note === undefined) return undefined;
  type Note = readonly [string, string | null, string | null, boolean, number, number];
  const [call, hold, lineage, isAnothers, createdAt, ttl] = note as unknown as Note;
  if (at > createdAt + ttl) return undefined;
  const task = { call, hold: hold ?? undefined, lineage: lineage ?? undefined, isAnothers };
  return { id: String(id), task, createdAt, ttl };
}

/** How a task stands, in the extension's words. */
export type TaskStatus =
  | { readonly status: 'working' | 'cancelled'; readonly message: string }
  | { readonly status: 'input_required'; readonly questions: Readonly<Record<string, Question>> }
  /** The end of its call: an error of the protocol makes a task that failed. */
  | { readonly status: 'ended'; readonly worded: Worded };

/** `updatedAt`: milliseconds since the epoch. */
export function taskResult(named: NamedTask, status: TaskStatus, updatedAt = named.createdAt): JsonObject {
  return {
    taskId: named.id,
    ...statusResult(status),
    createdAt: new Date(named.createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ttlMs: named.ttl,
    pollIntervalMs: LOOK_EVERY,
  };
}

function statusResult(status: TaskStatus): JsonObject {
  switch (status.status) {
    case 'input_required': {
      const asked = Object.entries(status.questions).map(([key, { method, params }]) => [key, { method, params }]);
      return { status: 'input_required', inputRequests: Object.fromEntries(asked) };
    }
    case 'ended': {
      const { worded } = status;
      if ('result' in worded) return { status: 'completed', result: { resultType: 'complete', ...worded.result } };
      const { code, message, data } = worded.fault;
      return { status: 'failed', error: { code, message, ...(data === undefined ? {} : { data }) } };
    }
    default:
      return { status: status.status, statusMessage: status.message };
  }
}

/** Told to who listens for it: how it stands, without its result. */
export function taskNotice(listening: RequestId, { result: _, error: _error, ...task }: JsonObject): string {
  const params = { ...task, ...subscriptionMeta(listening) };
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tasks', params });
}

/** In the same words for a task that never was, is somebody else's, or is over and forgotten. */
export const unknownTask = (id: RequestId): WireFault => invalidParams(id, 'taskId is of no task that is known', 200);

export const tasksUndeclared = (id: RequestId): WireFault => ({
  id,
  code: MISSING_CAPABILITY,
  message: `Missing required client capability: ${TASKS}`,
  data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
  status: 400,
});
