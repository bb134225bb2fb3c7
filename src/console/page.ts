/** The API on one page, for people: written here from the OpenAPI document, with no script and nothing from elsewhere. */
import { hash } from 'node:crypto';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { ApiRoute } from './route.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;background:#8881}
h2{margin-top:2rem;font-size:1.1rem}td,th{padding:.1rem 1rem .1rem 0;text-align:left;vertical-align:top}
:root{color-scheme:light dark}`;

export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function page(routes: readonly ApiRoute[], document: JsonObject): string {
  const { info, components } = document as { readonly info: JsonObject; readonly components: JsonObject };
  const schemas = isObject(components['schemas']) ? components['schemas'] : {};
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The API of Tollgate</title><style>${STYLE}</style></head>
<body>
<h1>The API of Tollgate ${text(info['version'])}</h1>
<p>${text(info['summary'])} ${text(info['description'])} For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
${routes.map((route) => routeSection(route, document)).join('\n')}
<h1>What is sent and answered</h1>
${Object.entries(schemas).map(schemaSection).join('\n')}
</body>
</html>
`;
}

function routeSection({ method, path, says, scope, rights, name }: ApiRoute, document: JsonObject): string {
  const { parameters = [], requestBody, responses } = operationOf(document, path, method);
  const asked = (parameters as readonly JsonObject[]).map((one) =>
    row(`?${text(one['name'])}`, `${text(one['description'])} <code>${json(one['schema'])}</code>`),
  );
  const answers = Object.entries(isObject(responses) ? responses : {}).map(([status, one]) =>
    row(status, `${text(isObject(one) ? one['description'] : '')} ${schemaLink(one)}`),
  );
  return `<h2 id="${text(name)}"><code>${method.toUpperCase()} ${text(path)}</code></h2>
<p>${text(says)}${scope === undefined ? '' : ` Needs <code>${text(scope)}</code>.`}${rights.length === 0 ? '' : ` Of people: who may ${text(rights.join(' or '))}.`}${isObject(requestBody) ? ` Takes ${schemaLink(requestBody)}.` : ''}</p>
<table>${[...asked, ...answers].join('')}</table>`;
}

function operationOf(document: JsonObject, path: string, method: string): JsonObject {
  const item = isObject(document['paths']) ? document['paths'][path] : undefined;
  const operation = isObject(item) ? item[method] : undefined;
  return isObject(operation) ? operation : {};
}

const schemaSection = ([id, schema]: readonly [string, JsonValue | undefined]): string =>
  `<h2 id="${text(id)}">${text(id)}</h2><pre>${text(JSON.stringify(schema, undefined, 2))}</pre>`;

/** To the schema of a body, by its name. */
function schemaLink(content: JsonValue | undefined): string {
  const [, id] = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(content)) ?? [];
  return id === undefined ? '' : `<a href="#${text(id)}">${text(id)}</a>`;
}

const row = (head: string, cell: string): string => `<tr><th>${head}</th><td>${cell}</td></tr>`;
const json = (value: JsonValue | undefined): string => text(JSON.stringify(value));

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const text = (value: JsonValue | undefined): string =>
  String(value ?? '').replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
