/** What a conversation with a server needs from its transport, and what the transport tells it. */
import type { Carried } from '../../domain/credential.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { Era } from '../../wire/revisions.ts';

/** No single message of a server, and no single body, is read beyond this. Bytes. */
export const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** How a request of ours ended. */
export type Reply =
  | { readonly kind: 'result'; readonly result: JsonValue | undefined }
  | {
      readonly kind: 'error';
      readonly code: number;
      readonly message: string;
      readonly data: JsonValue | undefined;
      /** The HTTP status it came with; undefined on stdio. */
      readonly status: number | undefined;
    }
  /** An HTTP status that says no, without a JSON-RPC answer: the request was not run. */
  | { readonly kind: 'refused'; readonly status: number }
  /** The server forgot the legacy session: the request was not run. `renewed` says whether a new session stands. */
  | { readonly kind: 'forgotten'; readonly renewed: Promise<boolean> }
  /** An answer came that may not be handed on. */
  | { readonly kind: 'withheld'; readonly why: string }
  /** No answer. `sent` is false only where no byte left. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly why: string };

/** One request, as the transport sees it. */
export interface Sending {
  readonly id: number;
  readonly era: Era;
  readonly method: string;
  /** The tool's name, where the request has one. */
  readonly name: string | undefined;
  /** `Mcp-Param-*` headers; stdio has none. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly text: string;
  /** Of this very request; undefined goes with what the connection carries. HTTP alone carries any. */
  readonly carried: Carried | undefined;
}

/** Which request a message came on; undefined where the transport has one stream for all. */
export interface Origin {
  readonly id: number;
  readonly status: number;
}

/** The conversation's ear. */
export interface Inbound {
  receive(message: JsonValue, origin: Origin | undefined): void;
  /** Whether this request still waits for its end. */
  awaits(id: number): boolean;
  /** Ends a request that will get no answer. Without effect on one that has ended. */
  end(id: number, reply: Reply): void;
  /** Ends all open requests: their bytes had left, and no answer can come any more. */
  endAll(why: string): void;
}

export interface Channel {
  /** Hands a request over; its end comes through `Inbound`. Never throws. */
  send(sending: Sending): void;
  /** Sends a notification, or an answer to the server's own request. Never rejects: nothing hangs on its arrival. */
  tell(text: string): Promise<void>;
  /**
   * Stops waiting for a request, telling the server so in the transport's own way; `cancel` is the notification's text,
   * undefined for requests that the protocol forbids to cancel. True when some byte of the request may have left.
   */
  withdraw(id: number, cancel: string | undefined): boolean;
  /** Ends the channel and all that is open on it, and waits until it is gone. May be called again. */
  close(): Promise<void>;
}
