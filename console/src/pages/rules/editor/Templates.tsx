import { Button, Group, TextInput } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { usePoints } from '~/lib/points';
import { DataTable, PageFrame, Value } from '~/ui';
import type { RuleSpec } from '../data';
import styles from '../rules.module.css';
import {
  emptyRule, fromTemplate, templateIds, templateWords, type TemplateId,
} from '../templates';
import { words } from '../words';

const shownLimit = 2000;

// Where a new rule begins: a template and a point of this system for it.
export function Templates({ onChoose }: { onChoose: (spec: RuleSpec) => void }): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const points = usePoints();
  const [template, setTemplate] = useState<TemplateId>('threshold');
  const [text, setText] = useState('');
  const shown = useMemo(() => (points.data ?? []).filter((one) =>
    ['double', 'float', 'int64', 'int', 'uint64'].includes(one.type)
      && one.point.toLowerCase().includes(text.toLowerCase())).slice(0, shownLimit),
  [points.data, text]);
  return (
    <PageFrame plain title={t('chooseTemplate')} actions={
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={() => void go('/rules')}>{t('back')}</Button>
        <Button size="xs" variant="default" onClick={() => onChoose(emptyRule)}>
          {t('blank')}</Button>
      </Group>
    }>
      <div className={styles.page}>
        <div className={styles.templates} role="radiogroup" aria-label={t('chooseTemplate')}>
          {templateIds.map((id) => (
            <button key={id} type="button" role="radio" aria-checked={template === id}
              className={styles.template} onClick={() => setTemplate(id)}>
              <b>{t(templateWords[id].title)}</b><span>{t(templateWords[id].text)}</span>
            </button>))}
        </div>
        <div className={styles.bar}>
          <TextInput className={styles.grow} size="xs" placeholder={t('pointSearch')} value={text}
            aria-label={t('pointSearch')} data-autofocus
            onChange={(event) => setText(event.currentTarget.value)} />
        </div>
        <div className={styles.rest}>
          <DataTable rows={shown} label={t('choosePoint')} rowKey={(one) => one.point}
            empty={t('noPoints')} onOpen={(one) => onChoose(fromTemplate(template, one))}
            columns={[
              { id: 'point', title: t('choosePoint'), sort: (one) => one.point,
                cell: (one) => <span title={one.point}>{one.point}</span> },
              { id: 'value', title: '', right: true, width: 170,
                cell: (one) => <Value point={one.point} unit={one.unit} /> },
              { id: 'use', title: '', width: 90, cell: (one) => (
                <Button size="compact-xs" variant="default" tabIndex={-1}
                  onClick={() => onChoose(fromTemplate(template, one))}>{t('use')}</Button>) },
            ]} />
        </div>
      </div>
    </PageFrame>
  );
}
