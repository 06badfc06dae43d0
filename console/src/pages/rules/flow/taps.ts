import type { Row } from '../parts/RowsTable';

// What a trace says about one line of the flow.
export interface TraceStep {
  at: string;
  outcome: string;
  data?: string;
  operator?: number; // of the plan
  rows?: Row[]; // the first that left the operator
}

export interface Trace {
  number: number;
  time: string;
  steps: TraceStep[];
}

export interface Traces {
  running: boolean;
  left: number;
  until: string | null;
  traces: Trace[];
}

export interface TapRow {
  key: string;
  time: string;
  passed: boolean; // whether something came along the line
  outcome: string;
  event: string; // that came in, as JSON
  rows: Row[]; // that came along the line
}

// What is followed: the output of an operator, or the rows that go to an action, by its name.
export type TapTarget = { operator: number } | { action: string };

// Of an operator's step: "3 in, 1 out", of a filter "true" or "false"; "..., failed", "..., late".
const passedOf = (outcome: string): boolean =>
  outcome.startsWith('true') || Number(/^\d+ in, (\d+) out/.exec(outcome)?.[1] ?? 0) > 0;

// A step's data is JSON, but cut where it is long.
export function rowOf(data: string | undefined): Row {
  try {
    const read: unknown = JSON.parse(data ?? '');
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? read as Row : { '': read };
  } catch {
    return { '': data ?? '' };
  }
}

// An operator that saw nothing of an event has no step.
export function tapRows(traces: Trace[], target: TapTarget): TapRow[] {
  return traces.map((trace) => {
    const [event] = trace.steps;
    const step = 'action' in target
      ? trace.steps.find((one) => one.at === `action ${target.action}`)
      : trace.steps.find((one) => one.operator === target.operator);
    const passed = step !== undefined && ('action' in target || passedOf(step.outcome));
    const rows = 'action' in target
      ? trace.steps.filter((one) => one.at === 'row').map((one) => rowOf(one.data))
      : step?.rows ?? [];
    return {
      key: `${trace.number}/${trace.time}`, time: trace.time, event: event?.data ?? '',
      rows: passed ? rows : [], outcome: step?.outcome ?? '', passed,
    };
  });
}

export interface TapOrder {
  topic: string;
  clientid: string;
  events: number;
}

// What is asked of the server; what is empty is any.
export const orderBody = ({ topic, clientid, events }: TapOrder): Record<string, unknown> => ({
  events, duration: events > 100 ? '10m' : '1m',
  ...(topic.trim() ? { topic: topic.trim() } : {}),
  ...(clientid.trim() ? { clientid: clientid.trim() } : {}),
});
