import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import { words } from '../words';
import { ExportForm } from './ExportForm';
import { ImportForm } from './ImportForm';

const views = ['import', 'template', 'export'] as const;

// Many twins at once: of a file, of points by a template, and out again.
export function Many(): ReactNode {
  const t = words.use();
  const url = useUrl();
  const view = views.find((one) => one === url.get('tab')) ?? 'import';
  return (
    <div className={styles.scroll}>
      <SegmentedControl size="xs" value={view} aria-label={t('many')} mb={12}
        onChange={(next) => url.set({ tab: next === 'import' ? null : next })}
        data={views.map((one) => ({ value: one, label: t(`many_${one}`) }))} />
      {view === 'export' ? <ExportForm /> : <ImportForm key={view} kind={view} />}
    </div>
  );
}
