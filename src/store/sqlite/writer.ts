/** The writer: the one thread of this process that opens the file. Everything that is queued goes in one transaction. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Ask } from '../operations.ts';
import { Batches } from './batches.ts';
import { openDatabase } from './database.ts';
import { faultSentence } from './faults.ts';
import type { FromWriter, ToWriter, WriterSettings } from './messages.ts';

/** How often to look for foreign writes while somebody waits, in milliseconds. */
const POLL = 100;

if (parentPort !== null) start(parentPort, workerData as WriterSettings);

function start(port: MessagePort, settings: WriterSettings): void {
  // A diagnostic report of the process has a part for each thread, and each says for itself what is left out.
  process.report.excludeEnv = true;
  const say = (message: FromWriter): void => port.postMessage(message);
  try {
    const { db, instance } = openDatabase(settings);
    serve(port, say, new Batches(db, settings), () => db.close());
    say({ kind: 'ready', instance });
  } catch (error) {
    say({ kind: 'unusable', fault: faultSentence(settings.file, error) });
  }
}

function serve(
  port: MessagePort,
  say: (message: FromWriter) => void,
  batches: Batches,
  closeDatabase: () => void,
): void {
  let poll: NodeJS.Timeout | undefined;
  let polled = batches.dataVersion();
  const look = (): void => {
    const version = batches.dataVersion();
    if (version !== polled) say({ kind: 'foreign' });
    polled = version;
  };
  const command = (word: 'watch' | 'rest' | 'close'): void => {
    clearInterval(poll);
    if (word === 'watch') poll = setInterval(look, POLL);
    if (word !== 'close') return;
    closeDatabase();
    port.close();
  };
  const hear = async (messages: readonly ToWriter[]): Promise<void> => {
    let asks: Ask[] = [];
    const run = async (): Promise<void> => {
      if (asks.length > 0) say(await batches.run(asks));
      asks = [];
    };
    for (const message of messages) {
      if (typeof message !== 'string') asks.push(...message);
      else {
        await run();
        command(message);
      }
    }
    await run();
  };
  // SQLite answers at once, so a batch ends in the turn that it began in; the chain keeps it so whatever it waits for.
  let heard: Promise<void> = Promise.resolve();
  port.on('message', (first: ToWriter) => {
    const messages = [first, ...queued(port)];
    heard = heard.then(() => hear(messages));
  });
}

/** What else has arrived meanwhile. */
function* queued(port: MessagePort): Iterable<ToWriter> {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    yield next.message as ToWriter;
  }
}
