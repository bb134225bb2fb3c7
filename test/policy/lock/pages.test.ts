import { describe, expect, test } from 'vitest';
import { digestOf, type JsonObject } from '../../../src/domain/json.ts';
import { isAcceptedPage, pageDigest, pageOf } from '../../../src/policy/lock/pages.ts';
import { definitionOf } from '../policy-text.ts';

describe('the page that a tool shows', () => {
  test('is the one that its entry names', () => {
    const shown = (meta: JsonObject) => pageOf(definitionOf({}, { _meta: meta }));
    expect(shown({ ui: { resourceUri: 'ui://form' } })).toBe('ui://form');
    for (const meta of [{}, { ui: 'ui://form' }, { ui: {} }, { ui: { resourceUri: 7 } }, { ui: null }])
      expect(shown(meta)).toBeUndefined();
    expect(pageOf(definitionOf({}))).toBeUndefined();
    expect(pageOf(definitionOf({}, { _meta: null }))).toBeUndefined();
  });

  test('is pinned by its contents, whatever else a read answers', () => {
    const contents = [{ uri: 'ui://form', text: '<b>' }];
    expect(pageDigest({ contents, ttl: 7 })).toBe(digestOf(contents));
    expect(pageDigest({})).toBe(digestOf(null));
    expect(pageDigest({ contents: [{ uri: 'ui://form', text: '<i>' }] })).not.toBe(pageDigest({ contents }));
  });
});

describe('a page within a result', () => {
  const FORM = { uri: 'ui://form', text: '<b>' };
  const pages = new Map([['ui://form', pageDigest({ contents: [FORM] })]]);

  test('is shown as it was accepted, and no other', () => {
    expect(isAcceptedPage(FORM, pages)).toBe(true);
    expect(isAcceptedPage({ ...FORM, text: '<i>' }, pages)).toBe(false);
    expect(isAcceptedPage({ ...FORM, uri: 'ui://other' }, pages)).toBe(false);
    expect(isAcceptedPage(FORM, new Map())).toBe(false);
    expect(isAcceptedPage(FORM)).toBe(false);
  });

  test.each(['UI://form', ' ui://form', '\n\tUi://form', 'ui:form'])(
    'is known as one however it is written: %j',
    (uri) => {
      expect(isAcceptedPage({ ...FORM, uri }, pages)).toBe(false);
    },
  );

  test('is no page where its address is none: no lock speaks of it', () => {
    for (const uri of ['crm://x?page=ui://form', 'gui://form', 'x ui://form', 7, undefined])
      expect(isAcceptedPage({ uri, text: '<i>' }, pages)).toBe(true);
  });
});
