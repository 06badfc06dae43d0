// The bricks of every page.
export { Bar } from './Bar';
export { ConfirmWrite, type WriteOutcome } from './ConfirmWrite';
export { DataTable, type Column } from './DataTable';
export { CopyCode, Empty } from './Empty';
export { PageFrame } from './PageFrame';
export { ProblemAlert, problemText } from './ProblemAlert';
export { SparkLine, Sparkline, type SparkRow } from './Sparkline';
export { State, type StateKind } from './State';
export { ShownValue, Value, ageOf, trustOf, valueText } from './Value';
