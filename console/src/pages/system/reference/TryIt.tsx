import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ApiError, send } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { addressOf, type Operation } from './model';
import styles from './reference.module.css';
import { words } from './words';

const mostShown = 100_000; // characters
const mostMs = 30_000;

// As text: JSON with its lines, the rest as it came.
export function shownText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

interface Answer {
  status: number;
  ms: number;
  text: string;
}

// Sends a reading request as the person who is signed in, and shows what came.
export function TryIt({ one, values }: {
  one: Operation; values: Record<string, string>;
}): ReactNode {
  const t = words.use();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const missing = one.parameters.some((each) => each.required && !values[each.name]);
  const ask = async () => {
    const stop = new AbortController();
    running.current = stop;
    const timer = window.setTimeout(() => stop.abort(), mostMs);
    const from = performance.now();
    setBusy(true);
    setError(null);
    setAnswer(null);
    try {
      const response = await send(addressOf(one, values), { signal: stop.signal });
      const text = await response.text();
      setAnswer({
        status: response.status, ms: Math.round(performance.now() - from), text: shownText(text),
      });
    } catch (failure) {
      setError(failure instanceof ApiError || !stop.signal.aborted
        ? failure : new Error(t('timeout', { seconds: mostMs / 1000 })));
    } finally {
      window.clearTimeout(timer);
      if (running.current === stop) setBusy(false);
    }
  };
  return (
    <>
      <Button size="xs" variant="default" loading={busy} disabled={missing}
        onClick={() => void ask()}>{t('send')}</Button>
      <ProblemAlert error={error} />
      {answer && (
        <>
          <p className={styles.sub} role="status">
            {t('answered', { status: answer.status, ms: answer.ms })}</p>
          <pre className={styles.answer} tabIndex={0}>{answer.text.slice(0, mostShown)}</pre>
          {answer.text.length > mostShown && <p className={styles.sub}>{t('cut')}</p>}
        </>)}
    </>
  );
}
