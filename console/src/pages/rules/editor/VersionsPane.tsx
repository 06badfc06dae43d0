import { Button, Group, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { getJson, sendJson } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { ProblemAlert } from '~/ui';
import { rulePath, specOf, type Rule, type RuleSpec, type Version } from '../data';
import { say, sayProblem } from '../notify';
import styles from '../rules.module.css';
import { words } from '../words';
import SidesView from './SidesView';

// What the rule was, who changed it, what changed; and the way back.
export function VersionsPane({ saved, spec, dirty, mayEdit, onRolledBack }: {
  saved: Rule; spec: RuleSpec; dirty: boolean; mayEdit: boolean; onRolledBack: (rule: Rule) => void;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const [chosen, setChosen] = useState<number | null>(null);
  const [back, setBack] = useState<number | null>(null);
  const list = useQuery({
    queryKey: ['versions', saved.id, saved.version],
    queryFn: () => getJson<{ items: Version[] }>(`${rulePath(saved.id)}/versions`)
      .then((answer) => answer.items),
  });
  const all = list.data ?? [];
  const shown = chosen ?? all[1]?.version ?? all[0]?.version;
  const old = useQuery({
    queryKey: ['version', saved.id, shown, saved.created_at], enabled: shown !== undefined,
    queryFn: () => getJson<RuleSpec>(`${rulePath(saved.id)}/versions/${shown}`).then(specOf),
    staleTime: Infinity,
  });
  const rollBack = async (version: number) => {
    setBack(null);
    try {
      onRolledBack(await sendJson<Rule>('POST',
        `${rulePath(saved.id)}/versions/${version}/rollback`));
      say(t('rolledBack', { id: saved.id, version }));
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <>
      <ProblemAlert error={list.error ?? old.error} />
      <ul className={styles.versions}>
        {all.map((one, index) => (
          <li key={one.version} data-on={one.version === shown}>
            <span className={styles.two}>
              <strong className="hw-num">{t('whichVersion', { version: one.version })}</strong>
              <small>
                {formatTime(parseTime(one.time), 'full', zone)}{' · '}
                {t('by', { actor: one.actor || t('nobody') })}
              </small>
            </span>
            {index === 0 && <span className={styles.tag}>{t('current')}</span>}
            <span className={styles.spring} />
            <Button size="compact-xs" variant="default" onClick={() => setChosen(one.version)}>
              {t('compare')}</Button>
            {mayEdit && index > 0 && (
              <Button size="compact-xs" variant="default" onClick={() => setBack(one.version)}>
                {t('rollback')}</Button>)}
          </li>))}
      </ul>
      {old.data && shown !== undefined && (dirty || shown !== saved.version) && (
        <SidesView left={old.data} right={dirty ? spec : specOf(saved)}
          leftLabel={t('before', { version: shown })}
          rightLabel={dirty ? t('yours') : t('before', { version: saved.version })} />)}
      <Modal opened={back !== null} onClose={() => setBack(null)} centered
        title={t('rollbackTitle', { version: back ?? 0 })}
        closeButtonProps={{ 'aria-label': t('close') }}>
        <p>{t('rollbackText')} {dirty && t('leaveText', { id: saved.id })}</p>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setBack(null)}>{t('cancel')}</Button>
          <Button data-autofocus onClick={() => void rollBack(back as number)}>
            {t('rollback')}</Button>
        </Group>
      </Modal>
    </>
  );
}
