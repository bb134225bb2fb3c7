/** Requests that are under way on one connection, so that a cancel reaches the right one and only that. */
import type { RequestId } from '../wire/faults.ts';

export interface InFlight {
  /** The signal of a new request; undefined where one with this id is under way already. */
  open(id: RequestId): AbortSignal | undefined;
  close(id: RequestId): void;
  cancel(id: RequestId): void;
  cancelAll(): void;
  readonly size: number;
}

/** `1` and `"1"` are two ids. */
const keyOf = (id: RequestId): string => `${typeof id}:${id}`;

export function inFlight(): InFlight {
  const open = new Map<string, AbortController>();
  return {
    open(id) {
      if (open.has(keyOf(id))) return undefined;
      const controller = new AbortController();
      open.set(keyOf(id), controller);
      return controller.signal;
    },
    close: (id) => void open.delete(keyOf(id)),
    cancel: (id) => open.get(keyOf(id))?.abort(),
    cancelAll: () => {
      for (const controller of open.values()) controller.abort();
    },
    get size() {
      return open.size;
    },
  };
}
