import { Button, Group, Modal, Skeleton, Stack, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { getJson, seg, sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { Empty, ProblemAlert } from '~/ui';
import styles from './gateway.module.css';
import { Instances } from './Instances';
import type { Device } from './model';
import { Note } from './parts';
import { useParams } from './useParam';
import { words } from './words';

export interface Template {
  name: string;
  description: string;
  parameters: { name: string; description: string; default: string | null }[];
  device: Partial<Device>;
}

const example = {
  name: 'pump', description: '',
  parameters: [{ name: 'host', description: 'of the PLC' }, { name: 'slave', default: '1' }],
  device: {
    driver: 'modbus-tcp', settings: { host: '${host}', port: 502 },
    groups: [{ name: 'fast', interval_ms: 1000, tags: [
      { name: 'flow', address: '${slave}!400001', type: 'float', unit: 'm3/h' }] }],
  },
};

function TemplateDialog({ template, onClose }: {
  template: Template | null; onClose: () => void;
}): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [text, setText] = useState(() => JSON.stringify(template ?? example, null, 2));
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setError(null);
    try {
      const body = JSON.parse(text) as Template;
      await sendJson('PUT', `/api/v1/templates/${seg(body.name)}`, body);
      await client.invalidateQueries({ queryKey: ['gateway', 'templates'] });
      onClose();
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <Modal opened onClose={onClose} size={820} title={template?.name ?? t('newTemplate')}
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <Note>{t('templateHelp')}</Note>
        <Textarea value={text} autosize minRows={14} maxRows={26} spellCheck={false} data-autofocus
          aria-label={t('template')} onChange={(event) => setText(event.currentTarget.value)}
          styles={{ input: { fontFamily: 'var(--hw-mono)', fontSize: 12 } }} />
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
          <Button onClick={() => void save()}>{t('save')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function RemoveTemplate({ name, onClose }: { name: string; onClose: () => void }): ReactNode {
  const t = words.use();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const remove = async () => {
    try {
      await sendJson('DELETE', `/api/v1/templates/${seg(name)}`);
      await client.invalidateQueries({ queryKey: ['gateway', 'templates'] });
      onClose();
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('ask_delete', { name })} centered
      closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="sm">
        <Note kind="warn">{t('removeTemplate')}</Note>
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{t('cancel')}</Button>
          <Button color="red" onClick={() => void remove()}>{t('delete')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

export function Templates(): ReactNode {
  const t = words.use();
  const { get, set } = useParams();
  const mayChange = useMay('engineer');
  const [editing, setEditing] = useState<Template | 'new' | null>(null);
  const [removing, setRemoving] = useState('');
  const templates = useQuery({
    queryKey: ['gateway', 'templates'],
    queryFn: () => getJson<{ items: Template[] }>('/api/v1/templates').then((page) => page.items),
  });
  if (templates.isError)
    return <ProblemAlert error={templates.error} retry={() => void templates.refetch()} />;
  if (!templates.data) return <Skeleton height={200} />;
  const making = templates.data.find((one) => one.name === get('template'));
  const tagsOf = (one: Template) =>
    (one.device.groups ?? []).reduce((sum, group) => sum + (group.tags?.length ?? 0), 0);
  return (
    <div className={`${styles.page} ${styles.scroll}`} tabIndex={0}>
      {templates.data.length === 0 ? (
        <Empty title={t('noTemplates')} text={t('noTemplatesText')}
          action={mayChange ? { label: t('newTemplate'), run: () => setEditing('new') } : undefined}
          command="headworks device template put pump.json" />
      ) : mayChange && (
        <div className={styles.bar}>
          <span className={styles.spring} />
          <Button size="compact-sm" variant="default" leftSection={<Plus size={14} />}
            onClick={() => setEditing('new')}>{t('newTemplate')}</Button>
        </div>)}
      {templates.data.map((one) => (
        <section key={one.name} className={`hw-panel ${styles.panel}`}>
          <div className={styles.bar}>
            <strong>{one.name}</strong>
            <span className={styles.dim}>{one.description}</span>
            <span className={styles.dim}>
              {one.device.driver} · {t('tagCount', { count: tagsOf(one) })}</span>
            <span className={styles.spring} />
            {mayChange && (
              <>
                <Button size="compact-sm" onClick={() => set({ template: one.name })}>
                  {t('makeDevices')}</Button>
                <Button size="compact-sm" variant="default" onClick={() => setEditing(one)}>
                  {t('edit')}</Button>
                <Button size="compact-sm" variant="default" onClick={() => setRemoving(one.name)}>
                  {t('delete')}</Button>
              </>)}
          </div>
          <div className={styles.dim}>
            {t('parameters')}: {one.parameters.map((parameter) => parameter.name
              + (parameter.default !== null ? ` = ${parameter.default}` : '')).join(', ') || '–'}
          </div>
        </section>))}
      {editing && (
        <TemplateDialog template={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)} />)}
      {removing && <RemoveTemplate name={removing} onClose={() => setRemoving('')} />}
      {making && <Instances template={making} onClose={() => set({ template: null })} />}
    </div>
  );
}
