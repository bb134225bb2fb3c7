/** The table of `docs/protocol.md`, from the very features that are tested. */
import type { Era } from './clients/client.ts';
import { type Feature, has } from './features/feature.ts';

const CELLS: readonly (readonly [client: Era, server: Era])[] = [
  ['legacy', 'legacy'],
  ['legacy', 'modern'],
  ['modern', 'legacy'],
  ['modern', 'modern'],
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

export function tableOf(features: readonly Feature[]): string {
  const notes = [...new Set(features.flatMap(({ only }) => (only === undefined ? [] : [only.because])))];
  const head = ['feature', ...CELLS.map(([client, server]) => `${client} client, ${server} server`)];
  const rows = features.map((feature) => {
    const missing = feature.only === undefined ? '' : `- (${notes.indexOf(feature.only.because) + 1})`;
    return row([feature.name, ...CELLS.map(([client, server]) => (has(feature, client, server) ? 'yes' : missing))]);
  });
  return [row(head), row(head.map(() => '---')), ...rows, '', ...notes.map((note, at) => `${at + 1}. ${note}`)].join(
    '\n',
  );
}
