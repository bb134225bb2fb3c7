/**
 * A session's memory over HTTP, for its own agent: plain JSON beside the session's MCP endpoint, behind the same doors. A
 * question may wait for something new; its waiting ends with that, with its time, its caller or the gateway.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../domain/json.ts';
import type { Presented } from '../../domain/principal.ts';
import { type Result, refuse } from '../../domain/result.ts';
import type { Memory } from '../../stages/memory/memory.ts';
import type { Asker, MemoryRefusal } from '../../stages/memory/own-session.ts';
import type { Doorkeeper } from '../conversation.ts';
import { judgeJson, judgeSite, readBody } from '../doors.ts';
import type { ProtectedResource } from '../protected-resource.ts';
import { sendJson } from '../send-json.ts';
import type { MemoryAddress } from './memory-address.ts';
import { eventBody, QUERIES, readJson, readQuery, spendBody } from './memory-requests.ts';
import { type Problem, problemAtDoor, problemOf, sendProblem } from './problem.ts';

/** Bytes of a body: the content of an event with every character escaped, and more. */
const LARGEST_BODY = 512 * 1024;

interface Ask {
  readonly memory: Memory;
  readonly asker: Asker;
  readonly address: MemoryAddress;
  /** Of a POST. */
  readonly body: string;
  /** When waiting ends that may last so many seconds. */
  until(seconds: number): AbortSignal;
}

type Answer = Result<JsonObject, MemoryRefusal | string>;
type Answering = (ask: Ask) => Promise<Answer>;
type Method = 'GET' | 'POST';

const ANSWERS: Readonly<Record<MemoryAddress['what'], Partial<Record<Method, Answering>>>> = {
  events: {
    GET: async ({ memory, asker, address, until }) => {
      const query = readQuery(address.query, QUERIES.events);
      return query.ok ? memory.events(asker, query.value.after, until(query.value.wait)) : query;
    },
    POST: async ({ memory, asker, body }) => {
      const event = readJson(body, eventBody);
      if (!event.ok) return event;
      const { type, content } = event.value;
      return memory.addEvent(asker, { type, content: JSON.stringify(content) });
    },
  },
  calls: {
    GET: async ({ memory, asker, address }) => {
      const query = readQuery(address.query, QUERIES.calls);
      return query.ok ? memory.calls(asker, query.value.before) : query;
    },
  },
  results: {
    GET: async ({ memory, asker, address }) => {
      const query = readQuery(address.query, QUERIES.none);
      return query.ok ? memory.result(asker, address.call ?? '') : query;
    },
  },
  spend: {
    POST: async ({ memory, asker, body }) => {
      const spent = readJson(body, spendBody);
      return spent.ok ? memory.report(asker, spent.value) : spent;
    },
  },
  holds: {
    GET: async ({ memory, asker, address, until }) => {
      const query = readQuery(address.query, QUERIES.holds);
      return query.ok ? memory.holds(asker, query.value.after, until(query.value.wait)) : query;
    },
  },
};

export class MemoryDoor {
  readonly #keeper: Pick<Doorkeeper, 'path' | 'stopping' | 'fault'>;
  readonly #resource: ProtectedResource;

  constructor(keeper: Pick<Doorkeeper, 'path' | 'stopping' | 'fault'>, resource: ProtectedResource) {
    this.#keeper = keeper;
    this.#resource = resource;
  }

  /** Rejects where the caller goes away in the middle of its body. */
  async receive(
    request: IncomingMessage,
    response: ServerResponse,
    address: MemoryAddress,
    presented: Presented,
  ): Promise<void> {
    const answer = await this.#answer(request, response, address, presented).catch((error: unknown) => {
      if (!request.complete) throw error;
      this.#keeper.fault(error);
      return refuse(FAULT);
    });
    if (!answer.ok && answer.error.status === 401)
      return sendProblem(response, { ...answer.error, headers: this.#resource.unauthorized(request) });
    if (!answer.ok) return sendProblem(response, answer.error);
    const status = request.method === 'POST' ? 201 : 200;
    sendJson(response, { text: JSON.stringify(answer.value), status }, { 'cache-control': 'no-store' });
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    address: MemoryAddress,
    presented: Presented,
  ): Promise<Result<JsonObject, Problem>> {
    const { path, stopping } = this.#keeper;
    const site = judgeSite(request.headers, this.#resource.site);
    if (site !== undefined) return refuse(problemAtDoor(site));
    const answering = answeringOf(address, request.method);
    if (answering === undefined) return refuse(notAllowed(address));
    const posts = request.method === 'POST';
    const form = posts ? judgeJson(request.headers) : undefined;
    if (form !== undefined) return refuse(problemAtDoor(form));
    if ((await path.authenticate(presented)) === undefined) return refuse(problemOf({ reason: 'unauthenticated' }));
    const body = posts ? await readBody(request, LARGEST_BODY) : undefined;
    if (body?.ok === false) return refuse(problemAtDoor(body.error));
    if (posts) {
      const query = readQuery(address.query, QUERIES.none);
      if (!query.ok) return refuse(invalid(query.error));
    }
    const asker = { presented, route: { profile: undefined, session: address.session, folder: undefined } };
    const until = (seconds: number) => (seconds === 0 ? AbortSignal.abort() : waiting(response, stopping, seconds));
    const answer = await answering({ memory: path.memory, asker, address, body: body?.value ?? '', until });
    if (answer.ok) return answer;
    return refuse(typeof answer.error === 'string' ? invalid(answer.error) : problemOf(answer.error));
  }
}

const answeringOf = ({ what }: MemoryAddress, method: string | undefined): Answering | undefined =>
  method === 'GET' || method === 'POST' ? ANSWERS[what][method] : undefined;

const notAllowed = ({ what }: MemoryAddress): Problem => {
  const allow = Object.keys(ANSWERS[what]).join(', ');
  return { status: 405, reason: 'refused', detail: `Method not allowed: ${allow}`, headers: { allow } };
};

const FAULT: Problem = {
  status: 500,
  reason: 'fault',
  detail: 'Tollgate cannot work now, so nothing is let through',
};

const invalid = (detail: string): Problem => ({ status: 400, reason: 'invalid_request', detail });

function waiting(response: ServerResponse, stopping: AbortSignal, seconds: number): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, stopping, AbortSignal.timeout(seconds * 1000)]);
}
