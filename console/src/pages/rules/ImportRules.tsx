import { Button, FileButton, Group, Modal, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { refreshRules } from './data';
import { say } from './notify';
import styles from './rules.module.css';
import { words } from './words';

interface Imported {
  created: number;
  changed: number;
  unchanged: number;
  errors: string[];
}

interface RuleSet {
  rules: unknown[];
  streams: unknown[];
  connectors: unknown[];
}

// An export, a list of rules, or one rule.
export function readSet(text: string): RuleSet {
  const json: unknown = JSON.parse(text);
  if (Array.isArray(json)) return { rules: json, streams: [], connectors: [] };
  if (typeof json !== 'object' || json === null) throw new Error(typeof json);
  const set = json as Partial<RuleSet> & { sql?: unknown };
  if (typeof set.sql === 'string') return { rules: [set], streams: [], connectors: [] };
  return {
    rules: set.rules ?? [], streams: set.streams ?? [], connectors: set.connectors ?? [],
  };
}

export function ImportRules({ onClose }: { onClose: () => void }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [set, setSet] = useState<RuleSet | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [flaws, setFlaws] = useState<string[]>([]);
  const take = async (file: File | null) => {
    if (!file) return;
    try {
      setSet(readSet(await file.text()));
      setError(null);
    } catch (why) {
      setSet(null);
      setError(new Error(t('importFlaw', { why: (why as Error).message })));
    }
  };
  const run = async () => {
    try {
      const done = await sendJson<Imported>('POST', '/api/v1/rules/import', set);
      say(t('imported', { created: done.created, changed: done.changed,
        unchanged: done.unchanged }));
      await client.invalidateQueries({ queryKey: ['streams'] });
      await refreshRules(client);
      if (done.errors.length) setFlaws(done.errors);
      else onClose();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('importTitle')} centered size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <div>{t('importText')}</div>
        <ProblemAlert error={error} />
        {flaws.length > 0 && <div role="alert">
          <strong>{t('importProblems')}</strong>
          <ul className={styles.errors}>{flaws.map((flaw) => <li key={flaw}>{flaw}</li>)}</ul>
        </div>}
        <Group justify="flex-end">
          <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
            {(props) => <Button variant="default" {...props}>{t('importFile')}</Button>}
          </FileButton>
          {set && <Button onClick={() => void run()}>{t('importRun', {
            rules: set.rules.length, streams: set.streams.length,
            connectors: set.connectors.length })}</Button>}
        </Group>
      </Stack>
    </Modal>
  );
}
