/** Small changes to a YAML file that leave everything else as it is written, comments and all. */
import { isCollection, isMap, isPair, isSeq, type Node, type Pair, parseDocument } from 'yaml';
import type { Path } from './document.ts';

const nodeAt = (text: string, path: Path): unknown => parseDocument(text, { version: '1.2' }).getIn([...path], true);

/** With one more member at the end of the mapping at `path`: a list, whose items are given as YAML. Undefined where there is no such mapping. */
export function withList(text: string, path: Path, member: string, items: readonly string[]): string | undefined {
  const map = nodeAt(text, path);
  if (!isMap(map) || map.items.length === 0) return undefined;
  const [first] = map.items;
  const pairs = map.items.map((pair) => text.slice(startOf(pair.key), endOf(pair)));
  const from = startOf(map);
  if (map.flow !== true) {
    const indent = ' '.repeat(columnOf(text, startOf(first?.key)));
    const end = lineEnd(text, endOf(map.items.at(-1)));
    return `${text.slice(0, end)}${listLines(member, items, indent)}${text.slice(end)}`;
  }
  const close = map.range?.[1] ?? from;
  if (text.slice(from, close).includes('#')) {
    const end = endOf(map.items.at(-1));
    return `${text.slice(0, end)}, ${member}: [${items.join(', ')}]${text.slice(end)}`;
  }
  // What stood on one line becomes a line each: nobody reads a list of cases within braces.
  const indent = ' '.repeat(text.slice(lineStart(text, from)).search(/\S/) + 2);
  const lines = pairs.map((pair) => `\n${indent}${pair}`).join('');
  // A comment on that line is about the whole: it stays beside the key.
  const [comment = ''] = /^[ \t]*#[^\n]*/.exec(text.slice(close)) ?? [];
  const rest = text.slice(close + comment.length);
  return `${text.slice(0, from).trimEnd()}${comment}${lines}${listLines(member, items, indent)}${rest}`;
}

/** With these items, given as YAML, in the place of the item at `path`. Undefined where there is none. */
export function withItems(text: string, path: Path, items: readonly string[]): string | undefined {
  const list = nodeAt(text, path.slice(0, -1));
  const item = nodeAt(text, path);
  if (!isSeq(list) || item === undefined) return undefined;
  const [from, to] = [startOf(item), endOf(item)];
  const between = list.flow === true ? ', ' : `\n${/^\s*/.exec(text.slice(lineStart(text, from), from))?.[0] ?? ''}- `;
  return `${text.slice(0, from)}${items.join(between)}${text.slice(to)}`;
}

const listLines = (member: string, items: readonly string[], indent: string): string =>
  `\n${indent}${member}:${items.map((item) => `\n${indent}  - ${item}`).join('')}`;

const startOf = (node: unknown): number => (node as Node | undefined | null)?.range?.[0] ?? 0;

/** Where its last character is, comments and blank lines behind it left out. */
function endOf(node: unknown): number {
  if (isPair(node)) {
    const { key, value } = node as Pair;
    return value === null || value === undefined ? endOf(key) : endOf(value);
  }
  if (isCollection(node) && node.flow !== true && node.items.length > 0) return endOf(node.items.at(-1));
  return (node as Node | undefined)?.range?.[1] ?? 0;
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;
const columnOf = (text: string, at: number): number => at - lineStart(text, at);

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  // A block scalar ends with its line.
  return text[at - 1] === '\n' ? at - 1 : end === -1 ? text.length : end;
}
