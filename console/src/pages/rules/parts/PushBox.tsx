import { Button, Group, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { send } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { say } from '../notify';
import styles from '../rules.module.css';
import { words } from '../words';

// The path below /api/v1/push that a stream of TYPE http_push takes messages at; null for others.
export function pushPath(sql: string): string | null {
  if (!/\btype\s*=\s*["']http_push["']/i.test(sql)) return null;
  const path = /\b(?:path|datasource)\s*=\s*["']([^"']*)["']/i.exec(sql)?.[1] ?? '';
  return path.replace(/^\/+/, '');
}

// A message for the stream, as somebody else would push it.
export function PushBox({ sql }: { sql: string }): ReactNode {
  const t = words.use();
  const path = pushPath(sql);
  const [body, setBody] = useState('{"value": 1}');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (path === null) return null;
  const push = async () => {
    setBusy(true);
    setError(null);
    try {
      await send(`/api/v1/push/${path.split('/').map(encodeURIComponent).join('/')}`, {
        method: 'POST', body, headers: { 'content-type': 'application/json' } });
      say(t('pushed'));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div style={{ marginTop: 12 }}>
      <strong>{t('pushTitle')}</strong>
      <p className={styles.note}>{t('pushText')}</p>
      <Group gap="xs" my={6} wrap="nowrap">
        <TextInput size="xs" style={{ flex: 1 }} aria-label={t('pushBody')} value={body}
          spellCheck={false} styles={{ input: { fontFamily: 'var(--hw-mono)' } }}
          onChange={(event) => setBody(event.currentTarget.value)} />
        <Button size="xs" variant="default" loading={busy} onClick={() => void push()}>
          {t('pushSend')}</Button>
      </Group>
      <ProblemAlert error={error} />
    </div>
  );
}
