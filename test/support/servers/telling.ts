/** What the fixture servers of both eras that tell of changes have alike. */
const tool = (name: string) => ({ name, inputSchema: { type: 'object' as const } });

/** `tell` sends the notification that its arguments are; `exit` ends the process; `drop` its stream before it answers. */
export const TELLING_TOOLS = [tool('tell'), tool('exit'), tool('drop'), tool('subscribed')];

export const TELLING_CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
};

/** Of a server that tells of single resources and of no list. */
export const QUIET_CAPABILITIES = { tools: {}, resources: { subscribe: true } };

/** A resource that changes before the server has said yes to its subscription. */
export const EARLY = 'note://early';

/** A resource that nobody may subscribe to. */
export const FORBIDDEN = 'note://forbidden';
