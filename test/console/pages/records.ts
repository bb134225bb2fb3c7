/** A gateway with something to look back on: a named session of an agent that read, failed, was refused, held and answered. */
import { dirname, join } from 'node:path';
import { approverKey } from '../../../src/console/hold-shapes.ts';
import { apiToken, ask } from '../../support/api-posts.ts';
import { until } from '../../support/downstream.ts';
import {
  API,
  FIRST,
  MCP,
  openPeoplesGateway,
  type Peoples,
  type PeoplesGateway,
  signedInAs,
} from '../../support/people.ts';
import { legacyCall, post, textOf } from '../../support/posts.ts';

const REPOSITORY = dirname(dirname(dirname(import.meta.dirname)));

export const EVIL = '<img src=x onerror=alert(1)>"\u202e\u200b';
export const SEEN = '<img src=x onerror=alert(1)>"\\u{202e}\\u{200b}';

const TOOLS = `tools:
  rough.rough: { effect: read, labels: [private], sends_to: none, arguments: { mark: { maxLength: 60 } } }
  rough.other: { effect: write, labels: [], sends_to: internal, approval: { reason: ${JSON.stringify(EVIL)} } }
  workspace.write_file: { effect: write, labels: [], sends_to: internal, approval: { reason: Look. } } # notes of ours
budgets: { session: { calls: 40, runtime: 10m, refusals: 20 } }`;

type Tool = 'rough__rough' | 'rough__other' | 'workspace__write_file';

export interface Looked extends PeoplesGateway {
  /** A named session of ada, with this task. */
  opened(task: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** What ada's agent reads. */
  call(session: string, tool: Tool, given: Readonly<Record<string, string>>): Promise<string>;
  /** The same of a call that waits, once somebody who may has answered it. */
  answered(
    session: string,
    tool: Tool,
    given: Readonly<Record<string, string>>,
    verdict?: 'approve' | 'deny',
  ): Promise<string>;
}

export async function openLooked(folder: string, more: Pick<Peoples, 'people'>): Promise<Looked> {
  const here = await openPeoplesGateway({
    folder,
    people: {
      lena: { org: 'acme', groups: ['leads'] },
      olga: { org: 'acme', groups: ['ops'] },
      audrey: { org: 'acme', groups: ['audit'] },
      ...more.people,
    },
    identity:
      'roles: { operator: [group:ops], auditor: [group:audit], viewer: [group:staff], admin: [group:heads], approver: [group:leads] }',
    tools: TOOLS,
    servers: `workspace: { command: [node, ${join(REPOSITORY, 'servers/workspace/main.ts')}, ${join(folder, 'notes')}] }`,
  });
  const lena = await signedInAs(here, 'lena');
  const asked = approverKey.parse((await lena.send('/api/approvers', { passphrase: FIRST.passphrase })).body);
  await ask(here.gateway, `/api/approvers/${asked.name}/accept`, {
    token: apiToken(here.gateway),
    body: { kid: asked.kid, passphrase: FIRST.passphrase },
  });
  const call: Looked['call'] = async (session, tool, given) => {
    const token = await here.server.token({ aud: MCP, sub: 'ada', client_id: 'desk', org: 'acme' });
    return textOf(await post({ url: `${here.gateway.url}/${session}`, token }, legacyCall(tool, given)));
  };
  return {
    ...here,
    call,
    opened: async (task, claims = {}) => {
      const said = { aud: API, sub: 'ops', org: 'acme', scope: 'sessions:create', ...claims };
      const answer = await ask(here.gateway, '/api/sessions', {
        token: await here.server.token(said),
        body: {
          profile: 'desk',
          task,
          instructions: { text: EVIL },
          model: EVIL,
          route: EVIL,
          principal: { subject: 'ada', client: 'desk' },
        },
      });
      if (answer.status !== 201) throw new Error(answer.text);
      return String(answer.body['id']);
    },
    answered: async (session, tool, given, verdict = 'approve') => {
      const reads = call(session, tool, given);
      let hold = '';
      await until(async () => {
        const { body } = await lena.get('/api/holds');
        const found = (body['holds'] as { id: string; arguments: object }[]).find(
          (one) =>
            JSON.stringify(Object.entries(one.arguments).toSorted()) ===
            JSON.stringify(Object.entries(given).toSorted()),
        );
        hold = found?.id ?? '';
        return found !== undefined;
      });
      const done = await lena.send(`/api/holds/${hold}/${verdict}`, {
        passphrase: FIRST.passphrase,
        because: `${verdict}: ${EVIL}`,
      });
      if (done.status !== 200) throw new Error(done.text);
      return reads;
    },
  };
}
