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

const counts = /^(\d+) in, (\d+) out/;

// `tap` is the operator whose output is followed, or the action that takes the rows. Operators'
// steps stand in the order of the plan, those of other steps (event, row, actions) around them.
export function tapRows(traces: Trace[], tap: { operator?: number; action?: number },
  actionNames: string[]): TapRow[] {
  return traces.map((trace) => {
    const event = trace.steps.find((step) => step.at === 'source' && !counts.test(step.outcome));
    const row = trace.steps.find((step) => step.at === 'row');
    const operators = trace.steps.filter((step) => counts.test(step.outcome));
    const action = tap.action === undefined ? undefined
      : trace.steps.find((step) => step.at === `action ${actionNames[tap.action as number]}`);
    const step = tap.action === undefined ? operators[tap.operator ?? 0] : action;
    const out = tap.action === undefined ? Number(counts.exec(step?.outcome ?? '')?.[2] ?? 0) : 0;
    return {
      key: `${trace.number}/${trace.time}`, time: trace.time, event: event?.data ?? '',
      row: row?.data ?? '',
      outcome: step?.outcome ?? '',
      passed: tap.action === undefined ? out > 0 : action !== undefined,
    };
  });
}
