// What a trace says about one line of the flow.
export interface TraceStep {
  at: string;
  outcome: string;
  data?: string;
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
  event: string; // that came in
  row: string; // that came out, '' where none did
}

// Of an operator's step: "3 in, 1 out", of a filter "true" or "false"; "..., failed", "..., late".
const passedOf = (outcome: string): boolean =>
  outcome.startsWith('true') || Number(/^\d+ in, (\d+) out/.exec(outcome)?.[1] ?? 0) > 0;

// What is followed: the output of an operator, or the rows that go to an action, by its name.
export type TapTarget = { operator: { name: string; detail: string } } | { action: string };

// An operator's step has the operator's name and detail; one that saw nothing has no step.
export function tapRows(traces: Trace[], target: TapTarget): TapRow[] {
  return traces.map((trace) => {
    const [event] = trace.steps;
    const row = trace.steps.find((step) => step.at === 'row');
    const step = 'action' in target
      ? trace.steps.find((one) => one.at === `action ${target.action}`)
      : trace.steps.find((one, index) => index > 0 && one.at === target.operator.name
        && (one.data ?? '') === target.operator.detail);
    return {
      key: `${trace.number}/${trace.time}`, time: trace.time, event: event?.data ?? '',
      row: row?.data ?? '', outcome: step?.outcome ?? '',
      passed: step !== undefined && ('action' in target || passedOf(step.outcome)),
    };
  });
}
