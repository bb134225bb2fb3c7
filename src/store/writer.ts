/** The writer: the one thread of this process that opens the file. Everything that is queued goes in one transaction. */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Batches } from './batches.ts';
import { openDatabase } from './database.ts';
import { faultSentence } from './faults.ts';
import type { Ask, FromWriter, ToWriter, WriterSettings } from './operations.ts';
import { storeOf } from './store.ts';

/** How often to look for foreign writes while somebody waits, in milliseconds. */
const POLL = 100;

if (parentPort !== null) start(parentPort, workerData as WriterSettings);

function start(port: MessagePort, settings: WriterSettings): void {
  const say = (message: FromWriter): void => port.postMessage(message);
  try {
    const { db, instance } = openDatabase(settings);
    serve(port, say, new Batches(db, storeOf(db, settings)), () => db.close());
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
  port.on('message', (first: ToWriter) => {
    let asks: Ask[] = [];
    const run = (): void => {
      if (asks.length > 0) say(batches.run(asks));
      asks = [];
    };
    for (const message of [first, ...queued(port)]) {
      if (typeof message !== 'string') asks.push(...message);
      else {
        run();
        command(message);
      }
    }
    run();
  });
}

/** What else has arrived meanwhile. */
function* queued(port: MessagePort): Iterable<ToWriter> {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    yield next.message as ToWriter;
  }
}
