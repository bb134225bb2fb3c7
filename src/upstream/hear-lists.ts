import type { ListenTo } from './client-connection.ts';
import type { Caller, Doorkeeper } from './conversation.ts';

/** Hears of lists of this caller's servers that changed. A caller who may see none is told of none. */
export const hearLists =
  (
    { path, fault }: Pick<Doorkeeper, 'path' | 'fault'>,
    { presented, route }: Pick<Caller, 'presented' | 'route'>,
  ): ListenTo =>
  (changed, until) =>
    void path.listen(presented, route, changed, until).catch(fault);
