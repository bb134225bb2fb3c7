import { expect } from 'vitest';
import type { ListKind } from '../../../src/domain/downstream.ts';
import { until } from '../../support/downstream.ts';
import type { Cell } from '../cell.ts';
import type { Feature } from './feature.ts';

/** How many notices of this method, about this resource where one is named, came since `from`. */
const noticed = ({ client }: Cell, from: number, method: string, uri?: string): number =>
  client.notices
    .slice(from)
    .filter((notice) => notice.method === method && (uri === undefined || notice.params['uri'] === uri)).length;

const changed = (kind: ListKind) => `notifications/${kind}/list_changed`;
const UPDATED = 'notifications/resources/updated';
const [ONE, TWO] = ['cells://watched/one', 'cells://watched/two'];

const touch = (cell: Cell, uri: string) => cell.client.call(cell.named('touch'), { uri });

const listChange = (kind: ListKind): Feature => ({
  name: `changes: of the list of ${kind}`,
  check: async (cell) => {
    const from = cell.client.notices.length;
    const stop = await cell.client.watch({ lists: [kind] });
    await cell.client.call(cell.named('change'), { kind });
    await until(() => noticed(cell, from, changed(kind)) > 0);
    await stop();
  },
});

export const changeFeatures: readonly Feature[] = [
  ...(['tools', 'prompts', 'resources'] as const).map(listChange),
  {
    name: 'changes: a resource that came is in the list',
    check: async (cell) => {
      const added = async (): Promise<number> => {
        let [count, cursor]: [number, string | undefined] = [0, undefined];
        do {
          const page = await cell.client.page('resources', cursor);
          count += (page['resources'] as unknown as { uri: string }[]).filter(({ uri }) =>
            uri.startsWith('cells://added/'),
          ).length;
          cursor = page['nextCursor'] as string | undefined;
        } while (cursor !== undefined);
        return count;
      };
      const before = await added();
      await cell.client.call(cell.named('change'), { kind: 'resources' });
      expect(await added()).toBe(before + 1);
    },
  },
  {
    name: 'subscriptions: an update arrives, until it is unsubscribed',
    check: async (cell) => {
      const from = cell.client.notices.length;
      const stopOne = await cell.client.watch({ uris: [ONE] });
      const stopTwo = await cell.client.watch({ uris: [TWO] });
      await touch(cell, ONE);
      await until(() => noticed(cell, from, UPDATED, ONE) === 1);
      await stopOne();
      if (cell.answers.era === 'legacy') await until(() => cell.seen('unsubscribed').at(-1)?.['uri'] === ONE);
      await touch(cell, ONE);
      await touch(cell, TWO);
      // What is told of the second comes behind what might be told of the first.
      await until(() => noticed(cell, from, UPDATED, TWO) === 1);
      expect(noticed(cell, from, UPDATED, ONE)).toBe(1);
      await stopTwo();
    },
  },
  {
    name: 'subscriptions/listen: what was asked for, and nothing else',
    only: {
      client: 'modern',
      because: 'Clients before 2026-07-28 are told of lists unasked, and subscribe to each resource.',
    },
    check: async (cell) => {
      const from = cell.client.notices.length;
      const stop = await cell.client.watch({ lists: ['prompts'], uris: [TWO] });
      await cell.client.call(cell.named('change'), { kind: 'tools' });
      await touch(cell, ONE);
      await cell.client.call(cell.named('change'), { kind: 'prompts' });
      await touch(cell, TWO);
      await until(() => noticed(cell, from, changed('prompts')) > 0 && noticed(cell, from, UPDATED, TWO) > 0);
      expect(noticed(cell, from, changed('tools'))).toBe(0);
      expect(noticed(cell, from, UPDATED, ONE)).toBe(0);
      await stop();
    },
  },
];
