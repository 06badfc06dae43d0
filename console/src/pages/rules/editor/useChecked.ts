import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '~/lib/api';
import { validate, type PlanOperator } from '../data';
import type { Flaw } from './SqlEditor';

export interface Checked {
  state: 'checking' | 'sound' | 'flawed' | 'unknown';
  flaw: Flaw | null;
  why: string;
  operators: PlanOperator[]; // of the last sound statement
}

const pauseMs = 350;

export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), ms);
    return () => window.clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

// The server's opinion of the statement, once a person pauses.
export function useChecked(sql: string, options: Record<string, unknown>): Checked {
  const settled = useSettled(sql, pauseMs);
  const answer = useQuery({
    queryKey: ['validate', settled, options],
    queryFn: ({ signal }) => validate(settled, options, signal),
    retry: false, staleTime: 60_000, enabled: settled.trim() !== '',
  });
  const operators = useRef<PlanOperator[]>([]);
  return useMemo(() => {
    if (answer.data) operators.current = answer.data.operators;
    const base = { operators: operators.current, flaw: null, why: '' };
    if (sql !== settled || answer.isFetching) return { ...base, state: 'checking' };
    if (answer.data) return { ...base, state: 'sound' };
    const { error } = answer;
    if (error instanceof ApiError && typeof error.problem.line === 'number') {
      const { line, column, detail } = error.problem as unknown as
        { line: number; column: number; detail: string };
      const text = detail.replace(/^line \d+, column \d+: /, '');
      return { ...base, state: 'flawed', why: text, flaw: { line, column, text } };
    }
    return { ...base, state: 'unknown', why: error?.message ?? '' };
  }, [answer.data, answer.error, answer.isFetching, sql, settled]);
}
