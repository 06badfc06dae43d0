import { ActionIcon, Button, CopyButton } from '@mantine/core';
import { Check, Copy, TriangleAlert } from 'lucide-react';
import { lazy, Suspense, type ReactNode } from 'react';
import { ApiError } from '~/lib/api';
import type ProblemTitle from './ProblemTitle';
import styles from './ui.module.css';
import { words } from './words';

// A server that has gone cannot send it: then its own title stands.
const Title = lazy<typeof ProblemTitle>(() => import('./ProblemTitle')
  .catch(() => ({ default: ({ title }) => <>{title}</> })));

export const problemText = (error: unknown): string =>
  error instanceof ApiError
    ? error.code === 'unreachable' ? words.now('unreachable') : error.message
    : error instanceof Error ? error.message : String(error);

// What happened, where, what to try; the problem as JSON to copy.
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }): ReactNode {
  const t = words.use();
  if (!error) return null;
  const json = JSON.stringify(error instanceof ApiError ? error.problem : problemText(error));
  return (
    <div className={styles.problem} role="alert">
      <TriangleAlert size={18} color="var(--hw-alarm)" aria-hidden="true" />
      <div className={styles.text}>
        <strong>{error instanceof ApiError && error.status
          ? <Suspense fallback={error.problem.title}>
            <Title code={error.code} title={error.problem.title} />
          </Suspense> : t('problem')}</strong>
        <div>{problemText(error)}</div>
      </div>
      {retry && <Button size="compact-sm" variant="default" onClick={retry}>{t('retry')}</Button>}
      <CopyButton value={json}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" aria-label={t('copyProblem')} title={t('copyProblem')}
            onClick={copy}>
            {copied ? <Check size={16} /> : <Copy size={16} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}
