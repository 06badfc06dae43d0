import { Button } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { ShownValue, State, trustOf } from '~/ui';
import { flawsOfError } from './flaws';
import styles from './gateway.module.css';
import { deviceUrl, emptyTag, type Reading, type Tag } from './model';
import { words } from './words';

// Asks the device for one address now, before anything is saved.
export async function readNow(device: string, tag: Tag): Promise<Reading> {
  const names = (Object.keys(emptyTag) as (keyof Tag)[])
    .filter((name) => name !== 'name' && name !== 'point');
  return sendJson<Reading>('POST', `${deviceUrl(device)}/read`,
    { ...Object.fromEntries(names.map((name) => [name, tag[name]])), access: 'read' });
}

type Result = { reading: Reading } | { flaw: string } | null;

export function useReadTest(device: string, tag: Tag): {
  result: Result; busy: boolean; run: () => Promise<void>;
} {
  const [result, setResult] = useState<Result>(null);
  const [busy, setBusy] = useState(false);
  // Another address: the answer for the last one is no answer.
  useEffect(() => setResult(null), [tag.address, tag.type, tag.scale, tag.offset, tag.bias]);
  const run = async () => {
    setBusy(true);
    try {
      setResult({ reading: await readNow(device, tag) });
    } catch (error) {
      setResult({ flaw: flawsOfError(error)[0]?.text ?? '' });
    } finally {
      setBusy(false);
    }
  };
  return { result, busy, run };
}

export function ReadResult({ result, unit }: { result: Result; unit: string }): ReactNode {
  if (!result) return null;
  if ('flaw' in result) return <span className={styles.flaw}>■ {result.flaw}</span>;
  return (
    <State kind="ok">
      <ShownValue value={result.reading.value} unit={unit} quality={result.reading.quality}
        trust={trustOf(result.reading.quality)} />
    </State>
  );
}

export function ReadTest({ device, tag }: { device: string; tag: Tag }): ReactNode {
  const t = words.use();
  const mayRead = useMay('engineer');
  const { result, busy, run } = useReadTest(device, tag);
  if (!mayRead) return null;
  return (
    <span className={styles.reading} aria-live="polite">
      <Button size="compact-xs" variant="default" loading={busy} disabled={!tag.address.trim()}
        onClick={() => void run()}>{t('testRead')}</Button>
      <ReadResult result={result} unit={tag.unit} />
    </span>
  );
}
