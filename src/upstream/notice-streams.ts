/** Streams that legacy clients open with GET, on which they are told of changes and of nothing else. */
import type { ServerResponse } from 'node:http';
import type { ClientConnection } from './client-connection.ts';
import type { Caller, Doorkeeper } from './conversation.ts';
import { EventStream } from './event-stream.ts';
import { hearLists } from './hear-lists.ts';
import { beginBeating, endBeating } from './heartbeat.ts';

export class NoticeStreams {
  readonly #keeper: Doorkeeper;
  readonly #open = new Set<EventStream>();

  constructor(keeper: Doorkeeper) {
    this.#keeper = keeper;
    const stop = (): void => {
      for (const stream of this.#open) stream.end();
    };
    keeper.stopping.addEventListener('abort', stop, { once: true });
  }

  open(response: ServerResponse, connection: ClientConnection, who: Pick<Caller, 'presented' | 'route'>): void {
    const stream = new EventStream(response);
    const ear = {
      say: (message: string): void => {
        // A client that does not read is told so by the end of its stream: it opens another and reads the lists again.
        if (stream.isBehind) response.destroy();
        else stream.say(message);
      },
      end: () => stream.end(),
    };
    const beat = (): void => stream.beat();
    this.#open.add(stream);
    beginBeating(beat);
    const close = connection.open(ear, hearLists(this.#keeper, who));
    response.once('close', () => {
      endBeating(beat);
      this.#open.delete(stream);
      close();
    });
    stream.beat();
  }
}
