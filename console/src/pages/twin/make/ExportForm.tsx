import { Button, Group, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { query } from '~/lib/api';
import { CopyCode } from '~/ui';
import { shortModel, useModels } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';

const formats = ['ndjson', 'csv', 'relationships', 'json', 'jsonl'] as const;

// What is written is what was described; read in again it makes the same twins.
export function ExportForm(): ReactNode {
  const t = words.use();
  const models = useModels().data ?? [];
  const [filter, setFilter] = useState('#');
  const [model, setModel] = useState<string | null>(null);
  const [format, setFormat] = useState<(typeof formats)[number]>('ndjson');
  const [values, setValues] = useState(false);
  const [at, setAt] = useState('');
  const address = `/api/v1/twin/export${query({
    filter: filter === '#' ? undefined : filter, model, format, values: values || undefined, at,
  })}`;
  return (
    <Stack gap="sm" maw={860}>
      <div className={styles.formGrid}>
        <TextInput label={t('filterIds')} description={t('filterIdsHint')} value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)} />
        <Select label={t('model')} clearable searchable value={model} onChange={setModel}
          description={t('modelToo')}
          data={models.map((one) => ({ value: one.id, label: shortModel(one.id) }))} />
        <Select label={t('format')} value={format} allowDeselect={false}
          description={t(`format_${format}`)}
          onChange={(next) => setFormat(formats.find((one) => one === next) ?? 'ndjson')}
          data={[...formats]} />
        <TextInput label={t('asOf')} description={t('asOfHint')} placeholder="now-1d" value={at}
          onChange={(event) => setAt(event.currentTarget.value)} />
      </div>
      <Switch label={t('withValues')} checked={values}
        onChange={(event) => setValues(event.currentTarget.checked)} />
      <Group>
        <Button component="a" href={address} size="sm"
          download={`twins.${format === 'relationships' ? 'csv' : format}`}>{t('download')}</Button>
      </Group>
      <CopyCode code={`curl '${window.location.origin}${address}'`} />
    </Stack>
  );
}
