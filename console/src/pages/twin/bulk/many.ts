import { getJson, seg, sendJson } from '~/lib/api';
import { twinUrl, type Order } from '../data';

// Several desired values at once. Each is taken or refused for itself, and none counts as done
// before what was written has been read back.
export interface Wanted {
  twin: string;
  name: string; // of the twin, for people
  path: string;
  title: string; // of the property
  value: unknown;
  before: unknown;
  unit?: string;
}

export interface Result {
  wanted: Wanted;
  order: Order | null;
  error: string; // why it was not even taken
}

export const twinsAtOnce = 100;
const followMs = 20_000;
const askEveryMs = 1_000;

type Taken = Order & { code?: string; error?: string };

const settling = new Set(['pending', 'sent', 'accepted']);
export const isSettled = ({ order, error }: Result): boolean =>
  error !== '' || (order !== null && !settling.has(order.state));

export const isConfirmed = ({ order }: Result): boolean => order?.state === 'applied';

// In the order of the request; what the server says of each stands at it.
export const resultsOf = (wanted: Wanted[], answered: Taken[]): Result[] =>
  wanted.map((one, index) => {
    const its = answered[index];
    return its?.error !== undefined || !its
      ? { wanted: one, order: null, error: its?.error ?? '?' }
      : { wanted: one, order: its, error: '' };
  });

export async function askMany(wanted: Wanted[], reason: string): Promise<Result[]> {
  const { items } = await sendJson<{ items: Taken[] }>('PUT', '/api/v1/twin/desired',
    wanted.map(({ twin, path, value }) => ({ twin, path, value, reason })));
  return resultsOf(wanted, items);
}

// Asks how those stand that are under way, until all have ended or the patience has; `tell` hears
// of each round.
export async function follow(results: Result[], tell: (results: Result[]) => void,
  wait = (ms: number) => new Promise((done) => {
    window.setTimeout(done, ms);
  })): Promise<Result[]> {
  let now = results;
  for (let spent = 0; spent < followMs && !now.every(isSettled); spent += askEveryMs) {
    await wait(askEveryMs);
    now = await Promise.all(now.map(async (one) => {
      if (isSettled(one)) return one;
      const { twin, path } = one.wanted;
      const order = await getJson<Order>(twinUrl(twin, `/desired/${seg(path)}`))
        .catch(() => one.order);
      // A newer wish of somebody else is not ours.
      return { ...one, order: order && order.id === one.order?.id ? order
        : one.order && { ...one.order, state: 'superseded' } };
    }));
    tell(now);
  }
  return now;
}

export const counts = (results: Result[]): { confirmed: number; open: number; refused: number } => {
  const confirmed = results.filter(isConfirmed).length;
  const open = results.filter((one) => !isSettled(one)).length;
  return { confirmed, open, refused: results.length - confirmed - open };
};
