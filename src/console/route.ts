/** One route of the API: what it is for programs, for readers, and in code. */
import type { z } from 'zod';
import type { ApiCaller } from '../domain/person.ts';
import type { Scope } from '../domain/principal.ts';
import type { Result } from '../domain/result.ts';
import type { Right } from '../domain/role.ts';
import { parsed } from './parsed.ts';
import type { Problem } from './problem.ts';
import { mayDo } from './rights.ts';

export interface Answer {
  readonly status: 200 | 201;
  readonly body: unknown;
  readonly location?: string;
}

/** Who asks, for what the path names, and what: as it came. */
interface Request {
  readonly caller: ApiCaller;
  /** What stands in braces in the path; empty where nothing does. */
  readonly id: string;
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
  /** What a program's token needs; undefined: none opens it, or where `rights` are none either, what is seen depends on whose it is. */
  readonly scope: Scope | undefined;
  /** Of which a person needs one. */
  readonly rights: readonly Right[];
  /** It brings a fresh proof of its person, or asks what to prove (`Needed`). */
  readonly byProof?: boolean;
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
    readonly caller: ApiCaller;
    readonly id: string;
    readonly query: Query;
    readonly body: Body;
  }) => Promise<Result<Answer, Problem>>,
): ApiRoute => ({
  ...described,
  perform: async ({ caller, id, query, body }) => {
    const may = mayDo(caller, described);
    if (!may.ok) return may;
    const asked = described.query === undefined ? undefined : parsed(described.query, query);
    if (asked?.ok === false) return asked;
    const given = described.body === undefined ? undefined : parsed(described.body, body);
    if (given?.ok === false) return given;
    return perform({ caller, id, query: asked?.value as Query, body: given?.value as Body });
  },
});
