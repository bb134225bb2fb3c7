import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { problemText } from '../../src/document/document.ts';

const SECRET = 'secret: { secret: env://HOOK }';
const HOOK = `webhook: "https://hooks.example.com/x", ${SECRET}`;

const loaded = (notify: string) =>
  loadConfig({ file: 'gateway.yaml', text: `version: 1\nnotify: ${notify}\n`, env: {} });

test('each way of telling is read, with whom it is for and when', () => {
  const config = loaded(
    `[{ ${HOOK}, for: [hold], remind: 30m }, { slack: { secret: env://SLACK }, after: 15m }, { web_push: { contact: "mailto:ops@example.com" } }]`,
  );
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  expect(config.value.notify).toEqual([
    {
      to: { kind: 'webhook', url: 'https://hooks.example.com/x', secret: 'env://HOOK' },
      ...{ occasions: ['hold'], after: 0, remind: 1_800_000 },
    },
    { to: { kind: 'slack', url: 'env://SLACK' }, occasions: ['hold', 'outcome'], after: 900_000, remind: undefined },
    {
      to: { kind: 'web_push', contact: 'mailto:ops@example.com' },
      ...{ occasions: ['hold', 'outcome'], after: 0, remind: undefined },
    },
  ]);
});

test.each([
  ['[{}]', 'expected one of webhook, slack, web_push'],
  [`[{ ${HOOK}, slack: { secret: env://SLACK } }]`, 'expected one of webhook, slack, web_push'],
  ['[{ webhook: "https://hooks.example.com" }]', '"secret" is missing: a webhook is signed'],
  [`[{ slack: { secret: env://SLACK }, ${SECRET} }]`, '"secret" goes with "webhook" only'],
  [`[{ webhook: "http://hooks.example.com", ${SECRET} }]`, 'expected an https:// URL'],
  [`[{ webhook: "https://ada:word@hooks.example.com", ${SECRET} }]`, 'expected an https:// URL'],
  ['[{ slack: "https://hooks.slack.com/services/canary" }]', 'a secret itself stands in no file of ours'],
  [`[{ ${HOOK}, after: 15 }]`, 'expected a duration such as 30s, 15m or 4h, found "15"'],
  [`[{ ${HOOK}, for: [holds] }]`, 'did you mean "hold"'],
  [`[{ ${HOOK}, for: [] }]`, 'expected a list of at least 1'],
  [`[{ ${HOOK} }, { ${HOOK}, remind: 1h }]`, 'this is said twice'],
  ['[{ web_push: { contact: "ops@example.com" } }]', 'expected the mailto: or https: URL'],
  [
    '[{ web_push: { contact: "mailto:a@example.com" } }, { web_push: { contact: "mailto:b@example.com" } }]',
    'expected "web_push" once',
  ],
])('%s is refused: %s', (text, expected) => {
  const config = loaded(text);
  if (config.ok) throw new Error('it was taken');
  const said = config.error.map(problemText).join('\n');
  expect(said).toContain(expected);
  expect(said).not.toContain('canary');
});
