import { problemTitle } from './problems';

// Fetched with the first problem, to keep the shell small.
export default function ProblemTitle({ code, title }: { code: string; title: string }) {
  return <>{problemTitle(code) ?? title}</>;
}
