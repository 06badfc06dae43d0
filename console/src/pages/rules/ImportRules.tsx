import { Button, FileButton, Group, Modal, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { ProblemAlert, State, type StateKind } from '~/ui';
import { refreshRules, useConnectors, useRules, useStreams } from './data';
import { say } from './notify';
import { checkStatements, previewOf, readSet, type Fate, type Preview, type RuleSet }
  from './preview';
import styles from './rules.module.css';
import { words } from './words';

interface Imported {
  created: number;
  changed: number;
  unchanged: number;
  errors: string[];
}

const looks: Record<Fate, StateKind> = {
  new: 'note', changed: 'warn', same: 'ok', broken: 'alarm',
};
const fates = {
  new: 'previewNew', changed: 'previewChanged', same: 'previewSame', broken: 'previewBroken',
} as const;
const kinds = { rule: 'rules', stream: 'streams', connector: 'connectors' } as const;

function PreviewTable({ rows }: { rows: Preview[] }): ReactNode {
  const t = words.use();
  return (
    <div className={styles.tableWrap} tabIndex={0} role="region" aria-label={t('previewNote')}>
      <table className={styles.result}>
        <thead><tr><th scope="col">{t('previewState')}</th><th scope="col">{t('previewWhat')}</th>
          <th scope="col">{t('name')}</th><th scope="col" /></tr></thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td><State kind={looks[row.fate]}>{t(fates[row.fate])}</State></td>
              <td className="hw-dim">{t(kinds[row.kind])}</td>
              <td>{row.name}</td>
              <td className={styles.bad} title={row.why}>{row.why}</td>
            </tr>))}
        </tbody>
      </table>
    </div>
  );
}

// A file is read, what would happen is shown, then it is done.
export function ImportRules({ onClose }: { onClose: () => void }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const rules = useRules().data ?? [];
  const streams = useStreams().data ?? [];
  const connectors = useConnectors().data ?? [];
  const [set, setSet] = useState<RuleSet | null>(null);
  const [rows, setRows] = useState<Preview[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [flaws, setFlaws] = useState<string[]>([]);
  const take = async (file: File | null) => {
    if (!file) return;
    setFlaws([]);
    setBusy(true);
    try {
      const read = readSet(await file.text());
      const first = previewOf(read, { rules, streams, connectors });
      setSet(read);
      setRows(first);
      setError(null);
      setRows(await checkStatements(read, first));
    } catch (why) {
      setSet(null);
      setError(new Error(t('importFlaw', { why: (why as Error).message })));
    } finally {
      setBusy(false);
    }
  };
  const run = async () => {
    setBusy(true);
    try {
      const done = await sendJson<Imported>('POST', '/api/v1/rules/import', set);
      say(t('imported', { created: done.created, changed: done.changed,
        unchanged: done.unchanged }));
      for (const key of ['streams', 'connectors', 'gateway'])
        await client.invalidateQueries({ queryKey: [key] });
      await refreshRules(client);
      if (done.errors.length) setFlaws(done.errors);
      else onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('importTitle')} centered size="xl"
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <div>{t('importText')}</div>
        <ProblemAlert error={error} />
        {set && rows.length > 0 && <>
          <div className="hw-dim" role="status">
            {t(busy ? 'checkingFile' : 'previewNote')}</div>
          <PreviewTable rows={rows} />
        </>}
        {flaws.length > 0 && <div role="alert">
          <strong>{t('importProblems')}</strong>
          <ul className={styles.errors}>{flaws.map((flaw) => <li key={flaw}>{flaw}</li>)}</ul>
        </div>}
        <Group justify="flex-end">
          <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
            {(props) => <Button variant={set ? 'default' : 'filled'} {...props}>
              {t('importFile')}</Button>}
          </FileButton>
          {set && <Button loading={busy} onClick={() => void run()}>{t('importRun', {
            rules: set.rules.length, streams: set.streams.length,
            connectors: set.connectors.length })}</Button>}
        </Group>
      </Stack>
    </Modal>
  );
}
