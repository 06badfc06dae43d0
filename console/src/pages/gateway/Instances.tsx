import { ActionIcon, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState, type ClipboardEvent, type ReactNode } from 'react';
import { seg, sendJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import styles from './gateway.module.css';
import type { ImportReport } from './model';
import { Note } from './parts';
import { nextName } from './patterns';
import { Report } from './Report';
import { instancesOf, parseSheet, type Instance } from './sheet';
import type { Template } from './Templates';
import { words } from './words';

// Many devices of one template: a row each, typed or pasted from a spreadsheet.
export function Instances({ template, onClose }: {
  template: Template; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const names = template.parameters.map((parameter) => parameter.name);
  const [rows, setRows] = useState<Instance[]>([{ name: '', parameters: {} }]);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const update = (next: Instance[]) => {
    setRows(next);
    setReport(null);
  };
  const change = (index: number, change: Partial<Instance>) =>
    update(rows.map((row, i) => (i === index ? { ...row, ...change } : row)));
  const paste = (event: ClipboardEvent<HTMLElement>, index: number) => {
    const sheet = parseSheet(event.clipboardData.getData('text'));
    if (sheet.length < 2 && (sheet[0]?.length ?? 0) < 2) return;
    event.preventDefault();
    update([...rows.slice(0, index), ...instancesOf(sheet, names), ...rows.slice(index + 1)]);
  };
  const filled = rows.filter((row) => row.name.trim() !== '');
  const run = async (dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      setReport(await sendJson<ImportReport>('POST',
        `/api/v1/templates/${seg(template.name)}/instances?mode=all_or_nothing&dry_run=${dryRun}`,
        filled));
      if (!dryRun) await client.invalidateQueries({ queryKey: ['gateway'] });
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  const mayMake = report?.dry_run === true && report.errors_total === 0;
  return (
    <Modal opened onClose={onClose} size={900} title={t('makeOf', { name: template.name })}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <Note>{t('pasteHelp', { columns: ['name', ...names].join(', ') })}</Note>
        <div style={{ overflowX: 'auto' }}>
          <table className={styles.plain}>
            <thead><tr>
              <th>{t('deviceName')}</th>
              {template.parameters.map((one) => (
                <th key={one.name} title={one.description}>{one.name}</th>))}
              <th />
            </tr></thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  <td><TextInput size="xs" miw={180} value={row.name} aria-label={t('deviceName')}
                    placeholder="works/pump7" spellCheck={false}
                    onPaste={(event) => paste(event, index)}
                    onChange={(event) => change(index, { name: event.currentTarget.value })} /></td>
                  {template.parameters.map((one) => (
                    <td key={one.name}><TextInput size="xs" miw={100} aria-label={one.name}
                      value={row.parameters[one.name] ?? ''} placeholder={one.default ?? ''}
                      onChange={(event) => {
                        const { [one.name]: _old, ...others } = row.parameters;
                        const text = event.currentTarget.value;
                        change(index, { parameters: text === '' ? others
                          : { ...others, [one.name]: text } });
                      }} /></td>))}
                  <td><ActionIcon variant="subtle" aria-label={t('removeRow')}
                    disabled={rows.length === 1}
                    onClick={() => update(rows.filter((_, i) => i !== index))}>
                    <Trash2 size={14} /></ActionIcon></td>
                </tr>))}
            </tbody>
          </table>
        </div>
        <Button size="compact-sm" variant="default" w="fit-content"
          leftSection={<Plus size={14} />} onClick={() => {
            const last = rows[rows.length - 1];
            update([...rows, { name: nextName(last?.name ?? ''),
              parameters: { ...last?.parameters } }]);
          }}>{t('addRow')}</Button>
        <ProblemAlert error={error} />
        {report && <Report report={report} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('close')}</Button>
          <Button variant={mayMake ? 'default' : 'filled'} disabled={!filled.length}
            loading={busy && !mayMake} onClick={() => void run(true)}>{t('dryRun')}</Button>
          <Button disabled={!mayMake} loading={busy && mayMake} onClick={() => void run(false)}>
            {t('makeDevices')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
