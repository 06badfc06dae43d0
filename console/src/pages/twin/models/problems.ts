import { ApiError } from '~/lib/api';
import type { TextFlaw } from '~/ui/code/locate';

interface ModelFlaw {
  document?: number;
  line?: number;
  column?: number;
  field?: string;
  element?: string;
  text: string;
}

// What the server says of a model document, each flaw with its place.
export function modelFlaws(error: unknown): TextFlaw[] {
  if (!(error instanceof ApiError)) return [];
  const errors = error.problem.errors as ModelFlaw[] | undefined;
  if (!Array.isArray(errors)) return [{ text: error.message }];
  return errors.map((one) => ({
    text: one.text,
    ...(one.line ? { line: one.line, column: one.column } : {}),
    ...(one.field ? { pointer: one.field } : {}),
  }));
}
