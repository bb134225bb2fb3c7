/** What changes while the feature server runs, in this process. */
import type { ListKind } from '../../../src/domain/downstream.ts';
import type { Audience } from './call.ts';

/** How often each list grew. */
export type ChangedState = Readonly<Record<ListKind, number>>;

const grown: Record<ListKind, number> = { tools: 0, prompts: 0, resources: 0 };
const touched = new Map<string, number>();

export const changedState = (): ChangedState => grown;

/** How often a resource was changed. */
export const changesOf = (uri: string): number => touched.get(uri) ?? 0;

export async function change(kind: ListKind, audience: Audience): Promise<void> {
  grown[kind]++;
  await audience.listChanged(kind);
}

export async function touch(uri: string, audience: Audience): Promise<void> {
  touched.set(uri, changesOf(uri) + 1);
  await audience.updated(uri);
}
