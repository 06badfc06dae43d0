import { Button, FileButton, Group, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { query, send } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ProblemAlert } from '~/ui';
import { JsonText } from '~/ui/code';
import styles from '../twin.module.css';
import { words } from '../words';
import { ImportReport, type Report } from './ImportReport';
import { formatOf, shownLimit, startTemplate } from './formats';

const formats = ['auto', 'ndjson', 'csv', 'relationships', 'json', 'jsonl'];

// A file of twins, or a template over points. First what would happen; only then it may be done.
export function ImportForm({ kind }: { kind: 'import' | 'template' }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const may = useMay('engineer');
  const [text, setText] = useState(kind === 'template' ? startTemplate : '');
  const [file, setFile] = useState('');
  const [format, setFormat] = useState('auto');
  const [strict, setStrict] = useState(false);
  const [source, setSource] = useState('points');
  const [filter, setFilter] = useState('#');
  const [parameters, setParameters] = useState('');
  const [report, setReport] = useState<{ of: string; answer: Report } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<'dry' | 'real' | null>(null);
  const options = {
    mode: strict ? 'all_or_nothing' : undefined,
    ...(kind === 'import' ? { format: format === 'auto' ? formatOf(file, text) : format } : {
      source: source === 'points' ? undefined : source,
      filter: filter === '#' ? undefined : filter,
      parameter: parameters.split(/[\s,;]+/).filter(Boolean),
    }),
  };
  const asked = JSON.stringify([options, text]);
  const run = async (dry: boolean) => {
    setBusy(dry ? 'dry' : 'real');
    try {
      const answer = await send(
        `/api/v1/twin/${kind}${query({ ...options, dry_run: dry || undefined })}`,
        { method: 'POST', body: text, headers: { 'content-type': 'application/octet-stream' } });
      setReport({ of: asked, answer: (await answer.json()) as Report });
      setError(null);
      if (!dry)
        await client.invalidateQueries({ predicate: ({ queryKey }) =>
          String(queryKey[0]).startsWith('twin') });
    } catch (failure) {
      setError(failure);
      setReport(null);
    } finally {
      setBusy(null);
    }
  };
  const tooLong = text.length > shownLimit;
  const ready = report?.of === asked && !report.answer.applied;
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <FileButton onChange={(picked) => {
          if (!picked) return;
          setFile(picked.name);
          void picked.text().then(setText);
        }} accept=".json,.ndjson,.jsonl,.csv,.txt">
          {(props) => <Button size="xs" variant="default" {...props}>{t('chooseFile')}</Button>}
        </FileButton>
        {file && <span className="hw-mono">{file}</span>}
        {kind === 'import' ? (
          <Select size="xs" w={140} label={t('format')} value={format} allowDeselect={false}
            onChange={(next) => setFormat(next ?? 'auto')}
            data={formats.map((one) => (
              { value: one, label: one === 'auto' ? t('formatAuto') : one }))} />
        ) : (
          <>
            <Select size="xs" w={150} label={t('pointsFrom')} value={source} allowDeselect={false}
              onChange={(next) => setSource(next ?? 'points')}
              data={[{ value: 'points', label: t('fromPoints') },
                { value: 'devices', label: t('fromDevices') }]} />
            <TextInput size="xs" w={180} label={t('filterPoints')} value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)} />
            <TextInput size="xs" w={220} label={t('parameters')} placeholder="site=bluewater"
              value={parameters} onChange={(event) => setParameters(event.currentTarget.value)} />
          </>)}
        <Switch size="xs" label={t('allOrNothing')} checked={strict} pb={6}
          onChange={(event) => setStrict(event.currentTarget.checked)} />
      </Group>
      {tooLong
        ? <p className={styles.hint}>{t('tooLong', { size: Math.round(text.length / 1e6) })}</p>
        : (
          <div style={{ height: 260, display: 'flex' }}>
            <JsonText text={text} onChange={setText} label={t(`many_${kind}`)}
              plain={kind === 'import'} flaws={(report?.of === asked ? report.answer.errors : [])
                .slice(0, 200).map((one) => ({ text: one.text, line: one.line }))} />
          </div>)}
      <Group gap="sm">
        <Button size="sm" variant="default" loading={busy === 'dry'} disabled={!text.trim()}
          onClick={() => void run(true)}>{t('dryRun')}</Button>
        {may && <Button size="sm" loading={busy === 'real'} disabled={!ready}
          title={ready ? undefined : t('dryFirst')} onClick={() => void run(false)}>
          {kind === 'import' ? t('doImport') : t('doTemplate')}</Button>}
        {!ready && <span className={styles.hint}>{t('dryFirst')}</span>}
      </Group>
      <ProblemAlert error={error} />
      {report && <ImportReport report={report.answer} />}
    </Stack>
  );
}
