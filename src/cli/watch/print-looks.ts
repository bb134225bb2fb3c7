/** What waits, for a pipe or a log: a line for each that comes or goes. */
import type { Hold } from '../../domain/hold.ts';
import { printable } from '../../domain/printable.ts';
import type { Look } from './looks.ts';

export async function printLooks(all: AsyncIterable<Look>, options: { readonly json: boolean }): Promise<void> {
  const line = options.json ? jsonLine : textLine;
  for await (const { appeared, gone } of all) {
    const came = appeared.toReversed().map((hold) => line('waits', hold));
    process.stdout.write([...gone.map((hold) => line(hold.state, hold)), ...came].join(''));
  }
}

const jsonLine = (event: string, hold: Hold): string => `${JSON.stringify({ event, hold })}\n`;

function textLine(event: string, { id, target, effective, decisions }: Hold): string {
  const by = decisions.length === 0 ? '' : ` by ${decisions.map((one) => one.by).join(', ')}`;
  const what = event === 'waits' ? ` ${JSON.stringify(effective)}` : by;
  return `${printable(`${event} ${id} ${target}${what}`)}\n`;
}
