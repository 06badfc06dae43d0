import type { components } from '../generated/openapi';

// The server's API; what it answers is typed by its own description. Every failure is an ApiError
// with the problem details (RFC 9457) of the server, or code "unreachable" where there was no
// answer.
export type Schemas = components['schemas'];

export interface Problem {
  title: string;
  status: number;
  detail: string;
  code?: string;
  // Members that one kind of problem has beside: errors, flaws, line, column ...
  [member: string]: unknown;
}

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
  }
  get status(): number {
    return this.problem.status;
  }
  get code(): string {
    return this.problem.code ?? '';
  }
}

let csrfToken = '';
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

let renewToken: () => Promise<boolean> = () => Promise.resolve(false);
// Called when the server does not take the token: another tab has signed in since. It answers
// whether the same person is still there, so that the request may be sent again in their name.
export function onTokenRefused(call: () => Promise<boolean>): void {
  renewToken = call;
}

let signedOut: () => void = () => undefined;
// Called when the server says that the session is over.
export function onSignedOut(call: () => void): void {
  signedOut = call;
}

const unreachable = () => new ApiError({
  title: 'Unreachable', status: 0, code: 'unreachable', detail: 'The server does not answer.',
});

// The body as text; a connection that breaks in the middle of it is as none.
async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

function asError(response: Response, text: string): ApiError {
  // How long to wait stands in the header alone.
  const wait = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const waits = Number.isFinite(wait) ? { retry_after: wait } : {};
  try {
    const problem = JSON.parse(text) as Partial<Problem>;
    return new ApiError({
      ...waits,
      ...problem,
      title: problem.title ?? response.statusText,
      status: response.status,
      detail: problem.detail ?? '',
    });
  } catch {
    // A proxy's page, say.
    return new ApiError({
      ...waits,
      title: response.statusText || 'Error',
      status: response.status,
      detail: /^\s*</.test(text) ? '' : text.slice(0, 500),
    });
  }
}

async function attempt(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  if (csrfToken && init.method && init.method !== 'GET') headers.set('X-CSRF-Token', csrfToken);
  try {
    return await fetch(path, { credentials: 'same-origin', ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable();
  }
}

// fetch() with the session's proof, failing as ApiError; for what is not JSON: plain text bodies,
// downloads.
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await attempt(path, init);
  if (response.ok) return response;
  if (response.status === 401 && !path.startsWith('/api/v1/session')) signedOut();
  const error = asError(response, await textOf(response));
  if (error.code !== 'csrf_token_needed' || !(await renewToken())) throw error;
  const second = await attempt(path, init);
  if (second.ok) return second;
  throw asError(second, await textOf(second));
}

// A JSON request; T is one of Schemas, or a part of one.
export async function sendJson<T>(
  method: string, path: string, body?: unknown, init: RequestInit = {},
): Promise<T> {
  const headers = new Headers(init.headers);
  if (body !== undefined && !headers.has('content-type'))
    headers.set('content-type', 'application/json');
  const response = await send(path, {
    ...init, method, headers, body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await textOf(response);
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError({
      title: 'Not understood', status: response.status, code: 'not_understood',
      detail: `The answer to ${method} ${path.split('?')[0]} is not JSON.` +
        ' Is there a proxy between?',
    });
  }
}

export const getJson = <T>(path: string, init: RequestInit = {}): Promise<T> =>
  sendJson<T>('GET', path, undefined, init);

// Path segment: a point or a twin has slashes, which are %2F in the API's paths.
export const seg = encodeURIComponent;

// "?a=1&b=2" without what is undefined or empty; arrays repeat.
export function query(
  values: Record<string, string | number | boolean | string[] | undefined | null>,
): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) all.append(name, String(one));
  }
  const text = all.toString();
  return text ? `?${text}` : '';
}
