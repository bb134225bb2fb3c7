import { expect } from 'vitest';
import { LOG_LEVELS } from '../../../src/domain/exchange.ts';
import { until } from '../../support/downstream.ts';
import type { Progress } from '../clients/client.ts';
import { type Feature, mark, textOf } from './feature.ts';

export const callFeatures: readonly Feature[] = [
  {
    name: 'progress',
    check: async ({ client, named }) => {
      const mine = mark();
      const steps: Progress[] = [];
      const result = await client.call(
        named('begin'),
        { mark: mine, steps: 3 },
        {
          onprogress: (step) => {
            steps.push(step);
            // Lasts until all was heard, so that nothing can come with the answer only.
            if (steps.length === 3) void client.call(named('release'), { mark: mine });
          },
        },
      );
      expect(textOf(result)).toBe(`${mine} was released`);
      expect(steps).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
    },
  },
  {
    name: 'cancellation: of that call and no other',
    check: async ({ client, named, seen }) => {
      const [one, other] = [mark(), mark()];
      const cancel = new AbortController();
      const cancelled = client.call(named('begin'), { mark: one }, { signal: cancel.signal });
      const released = client.call(named('begin'), { mark: other });
      const began = (mine: string) => seen('began').some((event) => event['mark'] === mine);
      await until(() => began(one) && began(other));
      cancel.abort();
      await expect(cancelled).rejects.toThrow();
      await until(() => seen('cancelled').some((event) => event['mark'] === one));
      await client.call(named('release'), { mark: other });
      expect(textOf(await released)).toBe(`${other} was released`);
      expect(seen('cancelled').map((event) => event['mark'])).not.toContain(other);
    },
  },
  {
    name: 'logging: from the level asked for',
    check: async ({ client, named }) => {
      for (const level of ['debug', 'warning'] as const) {
        const before = client.notices.length;
        await client.callWithLogs(level, named('logs'));
        const logged = () => client.notices.slice(before).filter(({ method }) => method === 'notifications/message');
        const wanted = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
        await until(() => logged().length >= wanted.length);
        expect(logged().map(({ params }) => [params['level'], params['data']])).toEqual(
          wanted.map((at) => [at, `said at ${at}`]),
        );
      }
    },
  },
];
