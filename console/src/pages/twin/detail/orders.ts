import { sendJson, query, seg } from '~/lib/api';
import type { StateKind, WriteOutcome } from '~/ui';
import { plain, twinUrl, type Order } from '../data';

// Desired values and commands: asking for them, and what their states mean.
export const stateKinds: Record<string, StateKind> = {
  pending: 'busy', sent: 'busy', accepted: 'busy', applied: 'ok', done: 'ok', drifted: 'warn',
  refused: 'alarm', failed: 'alarm', timed_out: 'alarm', superseded: 'idle', cancelled: 'idle',
};

export const isOpen = (state: string): boolean =>
  ['pending', 'sent', 'accepted', 'drifted', 'applied'].includes(state);

const textOf = (value: unknown): string => String(plain(value) ?? '');

// Only what was read back counts as confirmed; `words` says the states.
export function outcomeOf(order: Order, say: (state: string) => string,
  show: (value: unknown) => string = textOf): WriteOutcome {
  const why = [say(order.state), order.detail].filter(Boolean).join(': ');
  if (order.state === 'applied')
    return { kind: 'confirmed', value: show(order.reported ?? order.value) };
  if (order.state === 'done')
    return {
      kind: 'answered',
      text: [say('done'), textOf(order.response)].filter(Boolean).join(', '),
    };
  if (['refused', 'failed', 'cancelled'].includes(order.state)) return { kind: 'refused', why };
  return { kind: 'unconfirmed', why };
}

export interface Wish {
  value: unknown;
  reason: string;
  keep?: boolean;
  timeout?: string;
}

export const askDesired = (twin: string, path: string, wish: Wish): Promise<Order> =>
  sendJson<Order>('PUT', twinUrl(twin, `/desired/${seg(path)}?wait=10s`), {
    value: wish.value, reason: wish.reason,
    ...(wish.keep ? { keep: true } : {}),
    ...(wish.timeout ? { timeout: wish.timeout } : {}),
  });

export const cancelDesired = (twin: string, path: string, reason: string): Promise<Order> =>
  sendJson<Order>('DELETE', twinUrl(twin, `/desired/${seg(path)}${query({ reason })}`));

// The key keeps a second press, or a repeat by the network, from doing it twice.
export const askCommand = (twin: string, name: string, request: unknown, reason: string,
  key: string): Promise<Order> =>
  sendJson<Order>('POST', twinUrl(twin, `/commands/${seg(name)}${query({ wait: '30s', reason })}`),
    request, { headers: { 'Idempotency-Key': key } });

export const cancelCommand = (id: string, reason: string): Promise<Order> =>
  sendJson<Order>('DELETE', `/api/v1/twin/commands/${seg(id)}${query({ reason })}`);
