import { describe as about, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Profile } from '../../src/domain/policy.ts';
import { describe, describePrompt, describeResource } from '../../src/policy/shown/describe.ts';
import { definitionOf, HEAD, profileOf, SERVERS, toolOf } from './policy-text.ts';

const listing = (rules: string): Profile =>
  profileOf(
    `${HEAD}${SERVERS}tools: {}\nresources: [{ server: crm, uri: "crm://**"${rules} }]\nprompts: [{ server: crm, name: act${rules} }]\n`,
  );
const HIDDEN = 'a\u200b\u001b[2Kb\u202e';
const SHOWN = 'a[2Kb';

function shownPrompt(rules: string, raw: JsonObject): JsonObject {
  const policy = listing(rules).prompts.get('crm.act');
  if (policy === undefined) throw new Error('crm.act was not loaded');
  const { inputSchema: _none, ...own } = definitionOf({}, raw).raw;
  return describePrompt('crm__act', policy, { ...definitionOf({}, raw), kind: 'prompt', raw: own }, 'EUR');
}

function shownResource(rules: string, entry: JsonObject): JsonObject {
  const [policy] = listing(rules).resources;
  if (policy === undefined) throw new Error('no resource was loaded');
  return describeResource(policy, entry, 'EUR');
}

about('the entry of a prompt', () => {
  it('has the contract in front, under the name that agents use, and all else that the server said', () => {
    const raw = {
      title: 'Act',
      description: 'Writes a summary.',
      arguments: [{ name: 'case', title: 'Case', description: 'Which', required: true, odd: 1 }],
      icons: [{ src: 'https://x/i.png' }],
      _meta: { 'x/y': 1 },
    };
    expect(shownPrompt(', approval: { reason: Ask. }, spend: { amount: 0.5 }', raw)).toEqual({
      ...raw,
      name: 'crm__act',
      description:
        "Effect: read, it only reads. A person must approve every call: Ask. Each call costs 0.5 EUR. Enforced by Tollgate.\n\nThe server's own description, unverified:\nWrites a summary.",
    });
  });

  it('needs neither arguments nor a description of the server', () => {
    expect(shownPrompt('', {})).toEqual({
      name: 'crm__act',
      description: 'Effect: read, it only reads. Enforced by Tollgate.',
    });
  });

  it('shows no text that only a model would see', () => {
    const texts = { title: HIDDEN, description: HIDDEN };
    expect(shownPrompt('', { ...texts, arguments: [{ name: 'case', ...texts }, 'odd'] })).toEqual({
      name: 'crm__act',
      title: SHOWN,
      description: `Effect: read, it only reads. Enforced by Tollgate.\n\nThe server's own description, unverified:\n${SHOWN}`,
      arguments: [{ name: 'case', title: SHOWN, description: SHOWN }, 'odd'],
    });
  });
});

about('the entry of a resource or a template', () => {
  it('is the server’s own, its texts without what only a model would see', () => {
    const rest = {
      uri: 'crm://a',
      mimeType: 'text/html;profile=mcp-app',
      size: 5,
      annotations: { audience: ['user'], priority: 1 },
      _meta: { ui: { csp: { connectDomains: ['https://x'] } } },
    };
    const texts = { name: HIDDEN, title: HIDDEN, description: HIDDEN };
    expect(shownResource('', { ...rest, ...texts })).toEqual({
      ...rest,
      name: SHOWN,
      title: SHOWN,
      description: SHOWN,
    });
    expect(shownResource('', { uriTemplate: 'crm://{x}', name: 'x' })).toEqual({ uriTemplate: 'crm://{x}', name: 'x' });
  });

  it('says in front what a read asks of a person, and costs', () => {
    const words =
      "A person must approve every call: Ask. Each call costs 2 of the session's pages. Enforced by Tollgate.";
    const rules = ', approval: { reason: Ask. }, charges: { pages: 2 }';
    expect(shownResource(rules, { uri: 'crm://a' })['description']).toBe(words);
    expect(shownResource(rules, { uri: 'crm://a', description: HIDDEN })['description']).toBe(
      `${words}\n\nThe server's own description, unverified:\n${SHOWN}`,
    );
  });
});

about('what a server says in `_meta` of an entry', () => {
  const ui = { resourceUri: 'ui://crm/form', visibility: ['model', 'app'] };
  const ours = { 'tollgate/hold': 'h_1', Tollgate: true, tollgate_x: 1, pending_approval: {}, 'Pending_Approval/x': 1 };
  const entries = (meta: JsonObject) => [
    describe('crm__act', toolOf('{}'), definitionOf({}, { _meta: meta })),
    shownPrompt('', { _meta: meta }),
    shownResource('', { uri: 'crm://a', _meta: meta }),
  ];

  it('is kept for MCP Apps, without what imitates Tollgate', () => {
    for (const entry of entries({ ui, 'x/tollgate': 1, ...ours }))
      expect(entry['_meta']).toEqual({ ui, 'x/tollgate': 1 });
  });

  it('is left out where nothing is left', () => {
    for (const entry of entries(ours)) expect(entry).not.toHaveProperty('_meta');
  });
});
