import { describe, expect, it } from 'vitest';
import type { Definition } from '../../src/domain/contract.ts';
import { misfitsOf } from '../../src/policy/judge/misfits.ts';
import { definitionOf, HEAD, profileOf, saidOfTool } from './policy-text.ts';

const profile = profileOf(`${HEAD}servers: { crm: { command: [a] }, other: { command: [b] } }
tools: { crm.act: { arguments: { refnd: { maximum: 5 } } }, crm.gone: {}, other.x: {} }
prompts:
  - { server: crm, name: summary }
  - { server: crm, name: act }
  - { server: other, name: x }
`);
const tool = (name: string): Definition => ({ ...definitionOf({ properties: { refund: {} } }), name });
const prompt = (name: string): Definition => ({ ...tool(name), kind: 'prompt' });

describe('what does not fit a server', () => {
  it('are tools and prompts that it does not have, with the nearest of their kind, and rules over no argument', () => {
    expect(
      misfitsOf(profile, 'crm', [tool('act'), tool('gon'), tool('summary'), prompt('sumary'), prompt('gone')]),
    ).toEqual([
      'crm.act: arguments.refnd: the tool has no argument "refnd"; did you mean "refund"?',
      'crm.gone: crm has no tool gone; did you mean "gon"?',
      'prompt crm.summary: crm has no prompt summary; did you mean "sumary"?',
      'prompt crm.act: crm has no prompt act',
    ]);
  });

  it('are tools that run only as tasks, whatever their rules', () => {
    const listed = (support: string) => definitionOf({}, { execution: { taskSupport: support } });
    const [required, ...others] = ['required', 'optional', 'forbidden'].map((support) =>
      misfitsOf(profileOf(saidOfTool('{}')), 'crm', [listed(support)]),
    );
    expect(required).toEqual([
      'crm.act: it runs only as a task, and Tollgate passes no tasks: take it out of the policy',
    ]);
    expect(others).toEqual([[], []]);
  });

  it('are not the parts of other servers, nor what the profile does not list', () => {
    expect(misfitsOf(profile, 'other', [tool('x'), prompt('x'), tool('y'), prompt('y')])).toEqual([]);
  });
});
