/** A real gateway whose policy file changes under it. */
import { writeFileSync } from 'node:fs';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

export interface LivePolicy {
  readonly folder: string;
  readonly gateway: RunningGateway;
  readonly server: RecordingServer;
  /** The policy's text with these rules (YAML in flow style) for the tool `rough.rough`. */
  textOf(rules: string, rest?: string): string;
  /** Writes the policy file anew. */
  write(text: string): void;
  /** Resolves when the gateway has reported a line with these words, later than the last one waited for. */
  reported(words: string): Promise<void>;
  /** The text that a call of `rough__rough` with the argument `n` is answered with. */
  call(n: number, name?: string): Promise<string>;
  /** Another gateway on the same home and files, under this text. */
  restart(text: string): Promise<LivePolicy>;
}

export async function livePolicy(rules: string, rest = '', folder = temporaryFolder()): Promise<LivePolicy> {
  const server = recordingServer(folder);
  const text = policyText(server, rules, rest);
  return around(folder, server, await startGateway(text, { folder }));
}

const policyText = (server: RecordingServer, rules: string, rest = ''): string =>
  `version: 1\nprofile: live\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: ${rules} }\n${rest}`;

function around(folder: string, server: RecordingServer, gateway: RunningGateway): LivePolicy {
  let [heard, calls] = [0, 0];
  return {
    folder,
    gateway,
    server,
    textOf: (rules, rest) => policyText(server, rules, rest),
    write: (text) => writeFileSync(gateway.policy, text),
    reported: async (words) => {
      const find = (): number => gateway.reports.findIndex((line, place) => place >= heard && line.includes(words));
      await until(() => find() !== -1);
      heard = find() + 1;
    },
    call: async (n, name = 'rough__rough') =>
      textOf(await post(gateway, legacyCall(name, { do: 'echo', n, mark: ++calls }))),
    restart: async (text) => {
      await gateway.stop();
      return around(folder, server, await startGateway(text, { folder }));
    },
  };
}

/** A tool that takes numbers up to this. */
export const upTo = (most: number): string => `{ effect: write, arguments: { n: { maximum: ${most} } } }`;
