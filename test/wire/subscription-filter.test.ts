import { expect, test } from 'vitest';
import { filterAsSaid, readFilter } from '../../src/wire/subscription-filter.ts';

test('a filter opts in to what it says, each resource once, and to nothing else', () => {
  const notifications = {
    toolsListChanged: true,
    promptsListChanged: false,
    resourceSubscriptions: ['a://1', 'a://2', 'a://1'],
    taskIds: ['t', 't'],
  };
  const read = readFilter({ notifications });
  expect(read).toEqual({ ok: true, value: { lists: ['tools'], resources: ['a://1', 'a://2'], tasks: ['t'] } });
  expect(readFilter({ notifications: {} })).toEqual({ ok: true, value: { lists: [], resources: [], tasks: [] } });
});

test('what is honoured is said in the words of the filter', () => {
  expect(filterAsSaid({ lists: ['resources', 'prompts'], resources: ['a://1'], tasks: ['t'] })).toEqual({
    promptsListChanged: true,
    resourcesListChanged: true,
    resourceSubscriptions: ['a://1'],
    taskIds: ['t'],
  });
  expect(filterAsSaid({ lists: [], resources: [], tasks: [] })).toEqual({});
});

test.each([
  [{}],
  [{ notifications: [] }],
  [{ notifications: { resourceSubscriptions: 'a://1' } }],
  [{ notifications: { resourceSubscriptions: [1] } }],
  [{ notifications: { resourceSubscriptions: Array.from({ length: 1001 }, (_, at) => `a://${at}`) } }],
])('a filter that is none, or endless, is refused', (params) => {
  expect(readFilter(params).ok).toBe(false);
});
