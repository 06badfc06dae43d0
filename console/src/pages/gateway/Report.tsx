import { Button } from '@mantine/core';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatNumber } from '~/lib/units';
import { State } from '~/ui';
import { flawsCsv, save } from './flaws';
import styles from './gateway.module.css';
import type { ImportReport } from './model';
import { words } from './words';

const shownFlaws = 200;

// What an import did or would do, and each row that was refused with its reason.
export function Report({ report }: { report: ImportReport }): ReactNode {
  const t = words.use();
  const counts = [
    ['rpCreated', report.devices_created], ['rpChanged', report.devices_changed],
    ['rpAdded', report.tags_added], ['rpTagsChanged', report.tags_changed],
    ['rpUnchanged', report.tags_unchanged], ['rpRemoved', report.tags_removed],
  ] as const;
  return (
    <section aria-live="polite">
      <div className={styles.bar}>
        <State kind={report.errors_total ? 'alarm' : 'ok'}>
          <strong>{report.dry_run ? t('rpDry') : report.applied ? t('rpDone') : t('rpNothing')}
          </strong>
        </State>
        {counts.filter(([, count]) => count > 0).map(([key, count]) => (
          <span key={key} className={styles.num}>{t(key)} {formatNumber(count)}</span>))}
        <span className={styles.spring} />
        {report.errors_total > 0 && (
          <>
            <span className={styles.alarm}>{t('rpErrors', { count: report.errors_total })}</span>
            <Button size="compact-xs" variant="default" leftSection={<Download size={13} />}
              onClick={() => save('errors.csv', 'text/csv', flawsCsv(report.errors))}>CSV</Button>
          </>)}
      </div>
      {report.errors.length > 0 && (
        <div style={{ maxHeight: 220, overflow: 'auto', marginTop: 8 }} tabIndex={0} role="group"
          aria-label={t('rpErrors', { count: report.errors_total })}>
          <table className={`${styles.plain} ${styles.lined}`} style={{ fontSize: 13 }}>
            <thead><tr>
              <th className={styles.num}>{t('line')}</th><th>{t('device')}</th><th>{t('tag')}</th>
              <th>{t('field')}</th><th>{t('reason')}</th>
            </tr></thead>
            <tbody>
              {report.errors.slice(0, shownFlaws).map((flaw, index) => (
                <tr key={index}>
                  <td className={styles.num}>{flaw.line ?? '–'}</td>
                  <td>{flaw.device}</td>
                  <td>{[flaw.group, flaw.tag].filter(Boolean).join(' / ')}</td>
                  <td className="hw-mono">{flaw.field}</td><td>{flaw.text}</td>
                </tr>))}
            </tbody>
          </table>
        </div>)}
    </section>
  );
}
