import { Button, FileButton, Group, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, send } from '~/lib/api';
import { useMay } from '~/lib/session';
import { formatNumber } from '~/lib/units';
import { CopyCode, ProblemAlert, State } from '~/ui';
import styles from './gateway.module.css';
import { countersOf } from './ingest';
import { Figure } from './parts';
import { words } from './words';

interface Listener {
  name: string;
  address: string; // "127.0.0.1:1883"
}

const sample = 'point,time,value\nplant1/flow,2026-03-01T06:00:00Z,12.5\n';

interface Imported {
  taken: number;
  refused: number;
  errors: { line: number; text: string }[];
}

// Samples of the past, as a table: a spreadsheet, another historian's export.
function ImportSamples(): ReactNode {
  const t = words.use();
  const [text, setText] = useState('');
  const [done, setDone] = useState<Imported | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError(null);
    setDone(null);
    try {
      const answer = await send('/api/v1/import', {
        method: 'POST', body: text, headers: { 'content-type': 'text/csv' } });
      setDone(await answer.json() as Imported);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={`hw-panel ${styles.panel}`}>
      <h2>{t('samplesTitle')}</h2>
      <Stack gap="xs">
        <span className={styles.dim}>{t('samplesHelp')}</span>
        <Textarea value={text} aria-label={t('samplesTitle')} placeholder={sample} autosize
          minRows={4} maxRows={10} spellCheck={false}
          styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12, whiteSpace: 'pre' } }}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setDone(null);
          }} />
        <Group gap="xs">
          <FileButton accept=".csv,text/csv" onChange={(file) => {
            if (file) void file.text().then(setText);
          }}>
            {(props) => (
              <Button {...props} variant="default" size="xs" leftSection={<FileUp size={14} />}>
                {t('chooseFile')}</Button>)}
          </FileButton>
          <Button size="xs" disabled={!text.trim()} loading={busy} onClick={() => void run()}>
            {t('import')}</Button>
          {done && <span aria-live="polite"><State kind={done.refused ? 'warn' : 'ok'}>
            {t('samplesTaken', { taken: formatNumber(done.taken),
              refused: formatNumber(done.refused) })}</State></span>}
        </Group>
        <ProblemAlert error={error} />
        {done && done.errors.length > 0 && (
          <table className={`${styles.plain} ${styles.lined}`}>
            <thead><tr><th className={styles.num}>{t('line')}</th><th>{t('reason')}</th></tr>
            </thead>
            <tbody>{done.errors.slice(0, 50).map((one) => (
              <tr key={one.line}><td className={styles.num}>{one.line}</td><td>{one.text}</td></tr>
            ))}</tbody>
          </table>)}
      </Stack>
    </section>
  );
}

// How values come in without a device of ours: over MQTT, HTTP and line protocol, or as a table.
export function WaysIn(): ReactNode {
  const t = words.use();
  const mayWrite = useMay('engineer');
  const counters = useQuery({
    queryKey: ['gateway', 'ingest'], refetchInterval: 5000,
    queryFn: ({ signal }) => send('/metrics', { signal }).then((answer) => answer.text())
      .then(countersOf),
  });
  const mqtt = useQuery({
    queryKey: ['gateway', 'mqtt'], staleTime: 60_000,
    queryFn: ({ signal }) => getJson<{ listeners?: Listener[] }>('/api/v1/mqtt', { signal }),
  });
  const port = mqtt.data?.listeners?.find(({ name }) => name === 'tcp')?.address.split(':').at(-1)
    ?? 1883;
  const host = location.hostname;
  const data = counters.data;
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      <ProblemAlert error={counters.error} />
      <dl className={styles.figures} style={{ margin: 0 }}>
        <Figure label={t('inMessages')}>{formatNumber(data?.messages ?? NaN)}</Figure>
        <Figure label={t('inSamples')}>{formatNumber(data?.samples ?? NaN)}</Figure>
        <Figure label={t('inLines')}>{formatNumber(data?.lines ?? NaN)}</Figure>
        <Figure label={t('inBadLines')}>{formatNumber(data?.badLines ?? NaN)}</Figure>
        <Figure label={t('inUnread')} title={data?.reasons.join('\n')}>
          <span className={data?.undecodable ? styles.warn : undefined}>
            {data?.undecodable ? '△ ' : ''}{formatNumber(data?.undecodable ?? NaN)}</span></Figure>
        <Figure label={t('inBadTimes')}>{formatNumber(data?.badTimes ?? NaN)}</Figure>
      </dl>
      {data && data.reasons.length > 0 && (
        <span className={styles.dim}>{t('inReasons')}: {data.reasons.join(', ')}</span>)}
      <section className={`hw-panel ${styles.panel}`}>
        <h2>{t('waysTitle')}</h2>
        <Stack gap="xs">
          <span className={styles.dim}>{t('wayMqtt')}</span>
          <CopyCode code={`mosquitto_pub -h ${host} -p ${port} -t plant1/flow -m 12.5`} />
          <span className={styles.dim}>{t('wayHttp')}</span>
          <CopyCode code={`curl ${location.origin}/api/v1/publish ` +
            `-d '{"topic":"plant1/flow","payload":"12.5"}'`} />
          <span className={styles.dim}>{t('wayLines')}</span>
          <CopyCode code={`curl ${location.origin}/api/v2/write --data-binary ` +
            `'plant1/flow value=12.5'`} />
        </Stack>
      </section>
      {mayWrite && <ImportSamples />}
    </div>
  );
}
