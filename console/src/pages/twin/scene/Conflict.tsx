import { Button } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { SidesText } from '~/ui/code';
import styles from '../twin.module.css';
import type { RawScene } from './data';
import { changesOf, merged, type NodeChange } from './draft';
import { words } from './words';

// Somebody else saved first: what they changed beside what was changed here, and three ways on.
export function Conflict({ base, mine, theirs, onTheirs, onMerge }: {
  base: RawScene; mine: RawScene; theirs: RawScene; onTheirs: () => void;
  onMerge: (scene: RawScene) => void;
}): ReactNode {
  const t = words.use();
  const { own, other, both } = useMemo(() => ({
    own: changesOf(base, mine), other: changesOf(base, theirs), both: merged(base, mine, theirs),
  }), [base, mine, theirs]);
  const touched = useMemo(() =>
    new Set([...own, ...other].map((one) => one.id)), [own, other]);
  // Only what either of us has touched: a scene may have thousands of nodes.
  const part = (scene: RawScene) => {
    const { nodes, ...rest } = scene;
    return JSON.stringify([...(touched.has('') ? [rest] : []),
      ...nodes.filter((node) => touched.has(node.id))], null, 2);
  };
  return (
    <div className={styles.scroll} role="alert">
      <p>◆ {t('conflict')}</p>
      <div className={styles.two}>
        <ChangeList title={t('theirChanges', { count: other.length })} changes={other} />
        <ChangeList title={t('ownChanges', { count: own.length })} changes={own} />
      </div>
      <SidesText left={part(theirs)} right={part(mine)} leftLabel={t('theirs')}
        rightLabel={t('mine')} />
      {both.clashes.length > 0 && (
        <p>△ {t('clashes', { what: both.clashes.slice(0, 12).join(', ') })}</p>)}
      <div className={styles.toolbar} style={{ marginTop: 10 }}>
        <Button size="xs" onClick={() => onMerge(both.scene)}>{t('mergeMine')}</Button>
        <Button size="xs" variant="default" onClick={onTheirs}>{t('takeTheirs')}</Button>
        <Button size="xs" variant="default" color="red" onClick={() => onMerge(mine)}>
          {t('keepMine')}</Button>
      </div>
    </div>
  );
}

const signs = { added: '+', removed: '−', changed: '≠' } as const;

function ChangeList({ title, changes }: { title: string; changes: NodeChange[] }): ReactNode {
  const t = words.use();
  return (
    <section className={styles.section}>
      <h3>{title}</h3>
      <ul className={styles.flawList}>
        {changes.map((one) => (
          <li key={one.id}>
            <span className={styles.mark} title={t(`change_${one.what}`)}>{signs[one.what]}</span>
            <span>{one.id || t('sceneItself')}</span>
            <span className="hw-dim">{one.members.join(', ')}</span>
          </li>))}
      </ul>
    </section>
  );
}
