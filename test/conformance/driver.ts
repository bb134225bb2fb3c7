/**
 * The client that the suite judges: an agent on the official SDK, with the way it goes and the URL of the suite's server as
 * arguments. `direct` it goes there itself; `through` it goes to a Tollgate before that server, and what the suite sees is
 * Tollgate's downstream half. The suite says in the environment which scenario it is.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/client';
import { startGateway } from '../support/gateway.ts';
import { CLIENT_SCENARIOS, type ClientScenario } from './client-scenarios.ts';
import { type Deployment, driveLoggedIn, loginDeployment } from './logins.ts';
import { ownDeployment, ownProvider } from './own-credentials.ts';
import { conformancePolicy } from './policy-text.ts';

const isModern = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'] === '2026-07-28';
const scenario = CLIENT_SCENARIOS[process.env['MCP_CONFORMANCE_SCENARIO'] ?? ''];
const [way, url = ''] = process.argv.slice(2);

try {
  if (scenario === undefined) throw new Error('this scenario is not in the table');
  await (way === 'direct' ? driveDirectly(scenario) : driveThrough(scenario));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

function driveDirectly(direct: ClientScenario): Promise<void> {
  if (direct.shows === 'login') return driveLoggedIn(url, willingAgent, direct.drive);
  return drive(direct, url, direct.shows === 'own' ? { authProvider: ownProvider() } : {});
}

async function driveThrough(through: ClientScenario): Promise<void> {
  const era = isModern ? 'modern' : 'legacy';
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
  const deployment = await deploymentFor(through, era, folder);
  const config = join(folder, 'gateway.yaml');
  if (deployment !== undefined) writeFileSync(config, deployment.text);
  const policy = conformancePolicy({ ...through.reach, url: deployment === undefined ? url : undefined, era });
  const gateway = await startGateway(policy, {
    words: ['--anonymous', ...(deployment === undefined ? [] : ['--config', config])],
    environment: deployment?.environment ?? {},
  });
  try {
    await drive(through, gateway.url);
  } finally {
    for (const line of gateway.reports) process.stderr.write(`${line}\n`);
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function deploymentFor({ shows }: ClientScenario, era: string, folder: string): Promise<Deployment> | undefined {
  if (shows === undefined) return undefined;
  return shows === 'login' ? loginDeployment(url, era) : ownDeployment(url, era, folder);
}

async function drive(
  driven: ClientScenario,
  to: string,
  options: StreamableHTTPClientTransportOptions = {},
): Promise<void> {
  const agent = willingAgent();
  await agent.connect(new StreamableHTTPClientTransport(new URL(to), options));
  await driven.drive(agent);
  await agent.close();
}

/** It can be asked for everything, and agrees to whatever it is asked; a form's defaults it takes over. */
function willingAgent(): Client {
  const agent = new Client(
    { name: 'conformance-driver', version: '1.0.0' },
    {
      versionNegotiation: { mode: isModern ? { pin: '2026-07-28' } : 'legacy' },
      capabilities: { roots: {}, sampling: {}, elicitation: { form: { applyDefaults: true } } },
    },
  );
  agent.setRequestHandler('elicitation/create', ({ params }) => {
    const fields = 'requestedSchema' in params ? Object.keys(params.requestedSchema.properties) : [];
    return { action: 'accept', content: fields.includes('confirmed') ? { confirmed: true } : {} };
  });
  agent.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    model: 'none',
    content: { type: 'text', text: 'Yes.' },
  }));
  agent.setRequestHandler('roots/list', () => ({ roots: [] }));
  return agent;
}
