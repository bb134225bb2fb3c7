/** The OpenAPI 3.1 document of the API, made from the routes and from the very schemas that judge requests. */
import { z } from 'zod';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import {
  approval,
  approverKey,
  approverKeyPage,
  denial,
  hold,
  holdPage,
  journalPage,
  keyAcceptance,
  keyRequest,
} from './hold-shapes.ts';
import { PROBLEM_TYPE, type Problem } from './problem.ts';
import type { ApiRoute } from './route.ts';
import { changed, creation, problem, reason, sessionId, sessionPage, sessionSummary, sessionWhole } from './shapes.ts';

/** The names of those that the document refers to. */
const NAMED = z.registry<{ readonly id: string }>();
NAMED.add(creation, { id: 'Creation' });
NAMED.add(reason, { id: 'Reason' });
NAMED.add(sessionSummary, { id: 'SessionSummary' });
NAMED.add(sessionWhole, { id: 'Session' });
NAMED.add(sessionPage, { id: 'SessionPage' });
NAMED.add(changed, { id: 'Changed' });
NAMED.add(journalPage, { id: 'JournalPage' });
NAMED.add(hold, { id: 'Hold' });
NAMED.add(holdPage, { id: 'HoldPage' });
NAMED.add(approval, { id: 'Approval' });
NAMED.add(denial, { id: 'Denial' });
NAMED.add(keyRequest, { id: 'KeyRequest' });
NAMED.add(keyAcceptance, { id: 'KeyAcceptance' });
NAMED.add(approverKey, { id: 'ApproverKey' });
NAMED.add(approverKeyPage, { id: 'ApproverKeyPage' });
NAMED.add(problem, { id: 'Problem' });

const placeOf = (id: string): string => `#/components/schemas/${id}`;

export const openApi = (routes: readonly ApiRoute[], version: string): JsonObject => ({
  openapi: '3.1.1',
  info: {
    title: 'Tollgate',
    version,
    summary: 'Sessions of agents: open, see and end them, and answer what waits for a person.',
    description:
      'The token is that of the file api-token in the folder of Tollgate, or one of the configured issuer for the API. A token with the claim act decides nothing. People come with the cookie of their login instead, and with X-CSRF-Token for what changes; what they may, their roles say.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, { person: [] }],
  paths: Object.fromEntries(
    [...new Set(routes.map(({ path }) => path))].map((path) => [path, pathItem(path, routes)] as const),
  ),
  components: {
    schemas: schemas(),
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      person: { type: 'apiKey', in: 'cookie', name: 'tollgate-person', description: 'Of `/sign-in`.' },
    },
  },
});

function schemas(): JsonObject {
  const made = z.toJSONSchema(NAMED, { uri: placeOf }).schemas as Readonly<Record<string, JsonObject>>;
  return Object.fromEntries(Object.entries(made).map(([id, schema]) => [id, bare(schema)]));
}

/** Where it stands in the document says what these would. */
function bare({ $schema: _dialect, $id: _place, ...schema }: JsonObject): JsonObject {
  return schema;
}

function pathItem(path: string, routes: readonly ApiRoute[]): JsonObject {
  const here = routes.filter((route) => route.path === path);
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = names.map((name) => ({ name, in: 'path', required: true, schema: schemaOf(sessionId) }));
  return {
    ...(parameters.length > 0 && { parameters }),
    ...Object.fromEntries(here.map((route) => [route.method, operation(route)])),
  };
}

const operation = ({ name, says, scope, rights, query, body, answer, refusals }: ApiRoute): JsonObject => ({
  operationId: name,
  summary: says,
  ...(scope !== undefined && { security: [{ bearer: [scope] }, { person: rights }] }),
  ...(scope === undefined && rights.length > 0 && { security: [{ bearer: [] }, { person: rights }] }),
  ...(query !== undefined && { parameters: queryParameters(query) }),
  ...(body !== undefined && {
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
  }),
  responses: {
    [answer.status]: {
      description: answer.says,
      ...(answer.status === 201 && { headers: LOCATION }),
      content: { 'application/json': { schema: schemaOf(answer.shape) } },
    },
    ...Object.fromEntries([...refusals, ...ALWAYS].map((status) => [status, refused(status)])),
  },
});

const LOCATION: JsonObject = {
  Location: { required: true, schema: { type: 'string', format: 'uri-reference' } },
};

/** Any route may answer these. */
const ALWAYS: readonly Problem['status'][] = [401, 500];

const SAYS: Readonly<Record<Problem['status'], string>> = {
  400: 'A field is wrong, and named.',
  401: 'There is no token for the API, and nobody is signed in.',
  403: 'The caller may not do this.',
  404: 'The caller knows no such thing.',
  405: 'Not with this method.',
  409: 'Not as things stand.',
  413: 'The body is larger than 64 KiB.',
  415: 'The body is not JSON.',
  429: 'Too many wrong passphrases: Retry-After says when.',
  500: 'Tollgate cannot do this now.',
  507: 'What may be kept is used up.',
};

const refused = (status: Problem['status']): JsonObject => ({
  description: SAYS[status],
  content: { [PROBLEM_TYPE]: { schema: schemaOf(problem) } },
});

function queryParameters(query: z.ZodType): JsonValue {
  const { properties = {} } = schemaOf(query) as { readonly properties?: Readonly<Record<string, JsonObject>> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description !== undefined && { description }),
    schema,
  }));
}

function schemaOf(schema: z.ZodType): JsonObject {
  const id = NAMED.get(schema)?.id;
  return id === undefined ? bare(z.toJSONSchema(schema) as unknown as JsonObject) : { $ref: placeOf(id) };
}
