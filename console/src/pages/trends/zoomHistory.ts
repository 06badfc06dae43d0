// The windows one has looked at, as a browser keeps pages: back, forward, and a new one cuts what
// lay ahead.
export interface ZoomStep {
  from: string;
  to: string;
}

export interface ZoomHistory {
  steps: ZoomStep[];
  at: number;
}

export const stepsLimit = 100;

export const startAt = (step: ZoomStep): ZoomHistory => ({ steps: [step], at: 0 });

const same = (a: ZoomStep | undefined, b: ZoomStep) => a?.from === b.from && a.to === b.to;

export function go(history: ZoomHistory, step: ZoomStep): ZoomHistory {
  if (same(history.steps[history.at], step)) return history;
  const steps = [...history.steps.slice(0, history.at + 1), step].slice(-stepsLimit);
  return { steps, at: steps.length - 1 };
}

export const canBack = (history: ZoomHistory): boolean => history.at > 0;
export const canForward = (history: ZoomHistory): boolean =>
  history.at < history.steps.length - 1;

export function move(history: ZoomHistory, by: -1 | 1): ZoomHistory {
  const at = history.at + by;
  return at < 0 || at >= history.steps.length ? history : { ...history, at };
}

export const stepOf = (history: ZoomHistory): ZoomStep => history.steps[history.at] as ZoomStep;
