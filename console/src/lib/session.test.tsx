import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, sendJson } from './api';
import { usePrefs } from './prefs';
import { usePreferencesKept, useSessionOfTabs, type Session } from './session';

vi.mock('./live', () => ({ live: { restart: vi.fn() } }));

interface Asked { method: string; path: string; token: string | null; body: unknown }

const asked: Asked[] = [];
let session: Session;
let answer: (request: Asked) => [number, unknown];

function Followed({ client }: { client: QueryClient }) {
  useSessionOfTabs(client);
  usePreferencesKept();
  return null;
}

describe('the session', () => {
  let root: Root;
  let client: QueryClient;
  const settle = (ms = 0) => act(() => vi.advanceTimersByTimeAsync(ms));
  beforeEach(async () => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    vi.useFakeTimers();
    asked.length = 0;
    session = { mode: 'users', unclaimed: false, csrf_token: 'one',
      user: { name: 'anna', display_name: '', role: 'operator', scope: '#', language: 'en',
        units: 'us', time_zone: 'UTC', theme: 'light' } };
    answer = () => [200, session];
    vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
      const request = { method: init.method ?? 'GET', path,
        token: new Headers(init.headers).get('X-CSRF-Token'),
        body: init.body ? JSON.parse(String(init.body)) as unknown : undefined };
      asked.push(request);
      const [status, body] = answer(request);
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    });
    client = new QueryClient();
    root = createRoot(document.createElement('div'));
    await act(async () => root.render(
      <QueryClientProvider client={client}><Followed client={client} /></QueryClientProvider>));
    await settle(1000);
  });
  afterEach(() => {
    act(() => root.unmount());
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('brings what the person likes, and saves it only when it is changed', async () => {
    expect(usePrefs.getState()).toMatchObject({ units: 'us', scheme: 'light', zone: 'UTC' });
    await settle(5000);
    expect(asked.map((one) => one.method)).toEqual(['GET']);
    act(() => usePrefs.getState().set({ scheme: 'dark' }));
    // An answer of before the change comes within the pause: it must not undo it.
    await act(() => client.invalidateQueries({ queryKey: ['session'] }));
    expect(usePrefs.getState().scheme).toBe('dark');
    await settle(1000);
    expect(asked.map((one) => one.method)).toEqual(['GET', 'GET', 'PATCH']);
    expect(asked[2]).toMatchObject({ token: 'one', body: { theme: 'dark', units: 'us' } });
  });

  it('sends a change again where the token is of an older session of the same person', async () => {
    answer = ({ method, token }) => (method === 'GET' ? [200, { ...session, csrf_token: 'two' }]
      : token === 'two' ? [200, { done: true }]
        : [403, { title: 'Forbidden', detail: '', code: 'csrf_token_needed' }]);
    await expect(sendJson('POST', '/api/v1/x', {})).resolves.toEqual({ done: true });
    expect(asked.slice(1).map((one) => one.token)).toEqual(['one', null, 'two']);
  });

  it('never sends a change in the name of somebody else', async () => {
    const other = { ...session, csrf_token: 'two',
      user: { ...session.user!, name: 'bert' } };
    answer = ({ method }) => (method === 'GET' ? [200, other]
      : [403, { title: 'Forbidden', detail: '', code: 'csrf_token_needed' }]);
    await expect(sendJson('POST', '/api/v1/x', {})).rejects.toBeInstanceOf(ApiError);
    expect(asked.slice(1).map((one) => one.method)).toEqual(['POST', 'GET']);
    expect(client.getQueryData<Session>(['session'])?.user?.name).toBe('bert');
  });

  it('is asked for once by many refusals', async () => {
    answer = ({ path }) => (path.endsWith('/session') ? [200, { ...session, user: null }]
      : [401, { title: 'Unauthorised', detail: '' }]);
    await Promise.allSettled(Array.from({ length: 9 }, () => sendJson('GET', '/api/v1/points')));
    await settle();
    expect(asked.filter((one) => one.path.endsWith('/session'))).toHaveLength(2);
  });

  it('knows how long the server wants one to wait', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('{"title":"Too many","detail":""}',
      { status: 429, headers: { 'retry-after': '16' } })));
    await expect(sendJson('POST', '/api/v1/session', {})).rejects.toMatchObject({
      status: 429, problem: { retry_after: 16 } });
  });

  it('tells an answer that is no JSON from a refusal', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 200 })));
    await expect(sendJson('GET', '/api/v1/x?y=1')).rejects.toMatchObject({
      problem: { code: 'not_understood', detail: expect.stringContaining('GET /api/v1/x ') } });
  });
});
