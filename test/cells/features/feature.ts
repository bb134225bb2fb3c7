/** What is tested in every cell, and what reads the answers. */
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Cell } from '../cell.ts';
import type { Era, List } from '../clients/client.ts';

/** One row of the table in `docs/protocol.md`, and one test in every cell that has it. */
export interface Feature {
  readonly name: string;
  /** Where only clients, or servers, of one era have it; `because` says why, as a footnote of the table. */
  readonly only?: { readonly client?: Era; readonly server?: Era; readonly because: string };
  check(cell: Cell): Promise<void>;
}

export const has = ({ only }: Feature, client: Era, server: Era): boolean =>
  (only?.client ?? client) === client && (only?.server ?? server) === server;

interface Block {
  readonly type: string;
  readonly text?: string;
}

export const contentOf = (result: JsonObject): readonly Block[] => result['content'] as unknown as readonly Block[];

/** The text of a tool's answer. */
export const textOf = (result: JsonObject): string =>
  contentOf(result)
    .flatMap(({ type, text = '' }) => (type === 'text' ? [text] : []))
    .join('\n');

/** What a tool says as JSON. */
export const said = (result: JsonObject): JsonObject => JSON.parse(textOf(result)) as JsonObject;

/** Every entry of a list, all pages of it, but those that `change` added. */
export async function entries({ client }: Cell, list: List): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.page(list, cursor);
    all.push(...(page[list] as readonly JsonObject[]));
    cursor = page['nextCursor'] as string | undefined;
  } while (cursor !== undefined);
  return all.filter(({ name }) => !/added/.test(String(name)));
}

let marks = 0;
/** A mark that no other call bears. */
export const mark = (): string => `mark-${process.pid}-${++marks}`;
