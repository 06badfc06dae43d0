import { Button, CopyButton, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getJson } from '~/lib/api';
import { ProblemAlert } from '~/ui';
import { JsonText } from '~/ui/code';
import { twinUrl } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import type { TabContext } from './TwinView';

const forms = {
  thing: '/thing', twin: '', dtdl: '?form=dtdl', description: '/description',
} as const;
type Form = keyof typeof forms;

// The twin for others: W3C Thing Description, our JSON, the form of Azure Digital Twins.
export function ThingTab({ twin }: TabContext): ReactNode {
  const t = words.use();
  const [form, setForm] = useState<Form>('thing');
  const address = twinUrl(twin.id, forms[form]);
  const answer = useQuery({
    queryKey: ['twin-form', address, twin.revision],
    queryFn: () => getJson<unknown>(address),
  });
  const text = answer.data ? JSON.stringify(answer.data, null, 2) : '';
  return (
    <div className={styles.fill}>
      <div className={styles.toolbar}>
        <SegmentedControl size="xs" value={form} aria-label={t('tab_thing')}
          onChange={(next) => setForm(next as Form)}
          data={(Object.keys(forms) as Form[]).map((one) => (
            { value: one, label: t(`form_${one}`) }))} />
        <span className={styles.spring} />
        <code className="hw-mono hw-dim">GET {address}</code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy} disabled={!text}>
              {copied ? t('copied') : t('copy')}</Button>)}
        </CopyButton>
        <Button size="xs" variant="default" component="a" href={address}
          download={`${twin.id.replace(/\//g, '_')}.${form}.json`}>{t('download')}</Button>
      </div>
      <ProblemAlert error={answer.error} />
      <JsonText text={text} label={t(`form_${form}`)} readOnly />
    </div>
  );
}
