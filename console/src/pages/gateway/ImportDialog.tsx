import {
  Button, Checkbox, FileButton, Group, Modal, Stack, Textarea, TextInput,
} from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ApiError, query, send } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import type { ImportReport } from './model';
import { Note } from './parts';
import { Report } from './Report';
import { devicesOfToml, isToml, TomlFlaw } from './tomlReader';
import { words } from './words';

export type Format = 'json' | 'csv' | 'toml';

export const formatOf = (text: string): Format =>
  (isToml(text) ? 'toml' : /^\s*[[{]/.test(text) ? 'json' : 'csv');

// The server takes JSON and CSV; files are read here. A list alone is taken like an export.
function bodyOf(text: string, format: Format): string {
  if (format === 'toml') return JSON.stringify({ devices: devicesOfToml(text) });
  return /^\s*\[/.test(text) ? `{"devices":${text}}` : text;
}

export async function importDevices(text: string, options: {
  dryRun: boolean; all: boolean; device: string;
}): Promise<ImportReport> {
  const format = formatOf(text);
  const search = query({
    dry_run: options.dryRun, device: options.device || undefined,
    mode: options.all ? 'all_or_nothing' : undefined,
  });
  const answer = await send(`/api/v1/devices/import${search}`, {
    method: 'POST', body: bodyOf(text, format),
    headers: { 'content-type': format === 'csv' ? 'text/csv' : 'application/json' },
  });
  return (await answer.json()) as ImportReport;
}

// First it is only said what would happen, then it is done.
export function ImportDialog({ onClose, device: into = '' }: {
  onClose: () => void; device?: string; // of rows that name none
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [device, setDevice] = useState(into);
  const [all, setAll] = useState(true);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = (next: string) => {
    setText(next);
    setReport(null);
    setError(null);
  };
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      setReport(await importDevices(text, { dryRun, all, device: device.trim() }));
      if (!dryRun) await client.invalidateQueries({ queryKey: ['gateway'] });
    } catch (failed) {
      const { errors } = failed instanceof ApiError
        ? (failed.problem as Partial<ImportReport>) : { errors: undefined };
      if (failed instanceof TomlFlaw)
        setReport({ ...nothing, errors_total: 1,
          errors: [{ line: failed.line, text: failed.message }] });
      else if (errors?.length) setReport({ ...nothing, errors, errors_total: errors.length });
      else setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const mayTake = report !== null && report.dry_run
    && (!all || report.errors_total === 0) && !report.applied;
  return (
    <Modal opened onClose={onClose} size={860} title={t('importTitle')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <Note>{t('importHelp')}</Note>
        <Group>
          <FileButton accept=".csv,.json,.toml,.txt,text/csv,application/json" onChange={(file) => {
            if (file) void file.text().then(change);
          }}>
            {(props) => (
              <Button {...props} variant="default" size="xs" leftSection={<FileUp size={14} />}>
                {t('chooseFile')}</Button>)}
          </FileButton>
          <TextInput size="xs" w={280} value={device} placeholder={t('importDevice')}
            aria-label={t('importDevice')}
            onChange={(event) => setDevice(event.currentTarget.value)} />
          <Checkbox size="xs" checked={all} label={t('allOrNothing')}
            onChange={(event) => {
              setAll(event.currentTarget.checked);
              setReport(null);
            }} />
        </Group>
        <Textarea value={text} onChange={(event) => change(event.currentTarget.value)}
          aria-label={t('importText')} placeholder={t('importText')} autosize minRows={6}
          maxRows={12} spellCheck={false} styles={{ input: {
            fontFamily: 'var(--hw-mono)', fontSize: 12, whiteSpace: 'pre' } }} />
        <ProblemAlert error={error} />
        {report && <Report report={report} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('close')}</Button>
          <Button variant={mayTake ? 'default' : 'filled'} loading={busy && !mayTake}
            disabled={!text.trim()} onClick={() => void run(true)}>{t('dryRun')}</Button>
          <Button disabled={!mayTake} loading={busy && mayTake} onClick={() => void run(false)}>
            {t('import')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

const nothing: ImportReport = {
  dry_run: true, applied: false, devices_created: 0, devices_changed: 0, devices_unchanged: 0,
  tags_added: 0, tags_changed: 0, tags_unchanged: 0, tags_removed: 0, errors_total: 0, errors: [],
};
