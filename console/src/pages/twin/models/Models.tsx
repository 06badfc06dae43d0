import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { sendJson } from '~/lib/api';
import { useMay } from '~/lib/session';
import { Empty, ProblemAlert, problemText } from '~/ui';
import { shortModel, useModels } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import { ModelView, NewModel } from './ModelView';
import { findModels } from './modelTree';

// All models by what they extend; the library for water; one to see, check and put.
export function Models(): ReactNode {
  const t = words.use();
  const url = useUrl();
  const client = useQueryClient();
  const may = useMay('engineer');
  const models = useModels();
  const [find, setFind] = useState('');
  const [busy, setBusy] = useState(false);
  const chosen = url.get('model');
  const nodes = useMemo(() => findModels(models.data ?? [], find), [models.data, find]);
  const install = async () => {
    setBusy(true);
    try {
      const { items } = await sendJson<{ items: { result: string }[] }>(
        'POST', '/api/v1/twin/library/install');
      const made = items.filter((one) => one.result === 'created').length;
      notifications.show({ message: made ? t('libraryMade', { count: made }) : t('librarySame') });
      await client.invalidateQueries({ queryKey: ['twin-models'] });
    } catch (error) {
      notifications.show({ color: 'red', message: problemText(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.page}>
      <aside className={styles.side} aria-label={t('models')}>
        <div className={styles.sideTop}>
          <TextInput size="xs" placeholder={t('findModel')} aria-label={t('findModel')} value={find}
            onChange={(event) => setFind(event.currentTarget.value)} />
          <div className={styles.sideRow}>
            <span className={styles.hint}>
              {t('modelCount', { count: models.data?.length ?? 0 })}</span>
            <span className={styles.spring} />
            {may && (
              <>
                <Button size="compact-xs" variant="default" loading={busy}
                  onClick={() => void install()}>{t('installLibrary')}</Button>
                <Button size="compact-xs" variant="default" leftSection={<Plus size={12} />}
                  onClick={() => url.set({ model: 'new' }, false)}>{t('newModel')}</Button>
              </>)}
          </div>
          <ProblemAlert error={models.error} />
        </div>
        <div className={styles.hits}>
          {nodes.map(({ row, depth, key }) => (
            <button key={key} type="button" className={styles.modelRow}
              aria-current={row.id === chosen} style={{ paddingLeft: 10 + depth * 16 }}
              title={row.description ? `${row.id}: ${row.description}` : row.id}
              onClick={() => url.set({ model: row.id }, false)}>
              <span className={styles.modelName}>{row.displayName || shortModel(row.id)}</span>
              {row.displayName && row.displayName !== shortModel(row.id)
                && <span className={styles.sub}>{shortModel(row.id)}</span>}
              <span className={styles.treeModel}>{t('slots', { count: row.slots })}</span>
            </button>))}
        </div>
      </aside>
      <div className={styles.main}>
        {chosen === 'new' ? <NewModel onMade={(id) => url.set({ model: id })} />
          : chosen ? <ModelView key={chosen} id={chosen}
            onGone={() => url.set({ model: null })}
            onOpen={(id) => url.set({ model: id }, false)} />
            : models.data?.length === 0
              ? <Empty title={t('noModels')} text={t('noModelsText')}
                action={may ? { label: t('installLibrary'), run: () => void install() } : undefined}
                command="headworks twin model install-library" />
              : <Empty title={t('chooseModel')} text={t('chooseModelText')}
                command='headworks twin model show "dtmi:headworks:water:Pump;1"' />}
      </div>
    </div>
  );
}
