/** One route of the API: what it is for programs, for readers, and in code. */
import type { z } from 'zod';
import type { Caller, Scope } from '../domain/principal.ts';
import { ok, type Result } from '../domain/result.ts';
import { parsed } from './parsed.ts';
import type { Problem } from './problem.ts';
import { mayDecide } from './rights.ts';

export interface Answer {
  readonly status: 200 | 201;
  readonly body: unknown;
  readonly location?: string;
}

/** Who asks, for which session, and what: as it came. */
interface Request {
  readonly caller: Caller;
  readonly session: string;
  readonly query: unknown;
  readonly body: unknown;
}

export interface Described<Query, Body> {
  /** Unique: what programs call it. */
  readonly name: string;
  readonly method: 'get' | 'post';
  /** As OpenAPI writes it: `/api/sessions/{session}`. */
  readonly path: string;
  readonly says: string;
  /** Without it the answer is a refusal; undefined: nothing is changed, and what is seen depends on whose it is. */
  readonly scope: Scope | undefined;
  readonly query: z.ZodType<Query> | undefined;
  readonly body: z.ZodType<Body> | undefined;
  readonly answer: { readonly status: 200 | 201; readonly says: string; readonly shape: z.ZodType };
  /** Beside those that every route has. */
  readonly refusals: readonly Problem['status'][];
}

export interface ApiRoute extends Described<unknown, unknown> {
  perform(request: Request): Promise<Result<Answer, Problem>>;
}

/** Judges the token, then parses at the edge: `perform` gets what the schemas say, of a caller who may. */
export const route = <Query, Body>(
  described: Described<Query, Body>,
  perform: (asked: {
    readonly caller: Caller;
    readonly session: string;
    readonly query: Query;
    readonly body: Body;
  }) => Promise<Result<Answer, Problem>>,
): ApiRoute => ({
  ...described,
  perform: async ({ caller, session, query, body }) => {
    const may = described.scope === undefined ? ok(undefined) : mayDecide(caller, described.scope);
    if (!may.ok) return may;
    const asked = described.query === undefined ? undefined : parsed(described.query, query);
    if (asked?.ok === false) return asked;
    const given = described.body === undefined ? undefined : parsed(described.body, body);
    if (given?.ok === false) return given;
    return perform({ caller, session, query: asked?.value as Query, body: given?.value as Body });
  },
});
