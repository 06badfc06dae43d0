import { Button, NativeSelect } from '@mantine/core';
import { Link } from 'react-router';
import type { ReactNode } from 'react';
import { languageNow } from '~/lib/words';
import { localised } from '~/words/localised';
import type { Asset, RawNode, RawScene, SceneFlaw, Vector } from './data';
import { belowNode, idLike, nameOf, spoken } from './draft';
import { kindKey, NumberCell, TextCell, type Edit } from './NodeTable';
import { kindOf, kinds, reshaped, sizeOf, sizesOf } from './shapes';
import twinStyles from '../twin.module.css';
import styles from './scene.module.css';
import { words } from './words';

// All of one node that is set by hand; the rest of it is in the JSON.
export function NodeForm({ scene, node, flaws, assets, may, onEdit, onRename, onCopy, onDrop }: {
  scene: RawScene; node: RawNode; flaws: SceneFlaw[]; assets: Asset[]; may: boolean; onEdit: Edit;
  onRename: (next: string) => void; onCopy: () => void; onDrop: () => void;
}): ReactNode {
  const t = words.use();
  const kind = kindOf(node);
  const below = belowNode(scene, node.id).length - 1;
  const language = languageNow();
  const others = scene.nodes.filter((one) => one.id !== node.id);
  const change = (next: Partial<RawNode>) => onEdit(node.id, next);
  const turned = node.rotation ?? [0, 0, 0];
  const names = typeof node.name === 'object'
    ? Object.entries(node.name).filter(([tag]) => tag.split('-')[0] !== language) : [];
  return (
    <section className={styles.nodeForm} aria-label={nameOf(node)}>
      <dl className={styles.fields}>
        <dt>{t('id')}</dt>
        <dd><TextCell value={node.id} label={t('id')} readOnly={!may} onChange={(next) => {
          if (idLike.test(next) && !others.some((one) => one.id === next)) onRename(next);
        }} /></dd>
        <dt>{t('name')}</dt>
        <dd>
          <TextCell value={localised(node.name, language) ?? ''} label={t('name')} readOnly={!may}
            onChange={(text) => change({ name: spoken(node.name, language, text) })} />
          {names.length > 0 && <span className="hw-dim">
            {names.map(([tag, text]) => `${tag}: ${text}`).join(' · ')}</span>}
        </dd>
        <dt>{t('kind')}</dt>
        <dd><NativeSelect size="xs" value={kind} aria-label={t('kind')} disabled={!may}
          onChange={(event) => change({
            shape: reshaped(node.shape, event.currentTarget.value) })}
          data={['group', ...kinds].map((one) => ({ value: one, label: t(kindKey(one)) }))} /></dd>
        <dt>{t('twin')}</dt>
        <dd><TextCell value={node.twin ?? ''} label={t('twin')} list="scene-twins" readOnly={!may}
          onChange={(twin) => change({ twin: twin || undefined })} />
        {node.twin && <Link className={twinStyles.linkish}
          to={`/twin?id=${encodeURIComponent(node.twin)}`}>{t('open')}</Link>}
        </dd>
        <dt>{t('parent')}</dt>
        <dd><NativeSelect size="xs" value={node.parent ?? ''} aria-label={t('parent')}
          disabled={!may} onChange={(event) => change({
            parent: event.currentTarget.value || undefined })}
          data={[{ value: '', label: '–' }, ...parentsOf(scene, node.id).map((one) => (
            { value: one.id, label: nameOf(one) }))]} /></dd>
        <dt>{t('layer')}</dt>
        <dd><NativeSelect size="xs" value={node.layer ?? ''} aria-label={t('layer')}
          disabled={!may} onChange={(event) => change({
            layer: event.currentTarget.value || undefined })}
          data={[{ value: '', label: '–' }, ...(scene.layers ?? []).map((one) => (
            { value: one.id, label: localised(one.name) || one.id }))]} /></dd>
        {kind === 'asset' && node.shape && <>
          <dt>{t('file')}</dt>
          <dd><NativeSelect size="xs" value={String(node.shape.asset ?? '')}
            aria-label={t('file')} disabled={!may}
            onChange={(event) => change({
              shape: { ...node.shape, kind, asset: event.currentTarget.value } })}
            data={['', ...new Set([String(node.shape.asset ?? ''),
              ...assets.map((one) => one.name)].filter(Boolean))]} /></dd>
        </>}
        <dt>{t('turned')}</dt>
        <dd className={styles.row}>
          {node.quaternion ? <span className="hw-dim">{t('byQuaternion')}</span>
            : (['x', 'y', 'z'] as const).map((axis, index) => (
              <label key={axis} className={styles.unitField}>{axis}
                <NumberCell value={turned[index] ?? 0} label={t('turnedAbout', { axis })}
                  readOnly={!may} onChange={(value) => {
                    const rotation = [...turned] as Vector;
                    rotation[index] = value;
                    change({ rotation: rotation.some(Boolean) ? rotation : undefined });
                  }} />°</label>))}
        </dd>
        {node.shape && sizesOf(kind).length > 0 && <>
          <dt>{t('size')}</dt>
          <dd className={styles.row}>
            {sizesOf(kind).map(([name]) => (
              <label key={name} className={styles.unitField}>
                {t(`size_${name}` as Parameters<typeof t>[0])}
                <NumberCell value={sizeOf({ ...node.shape, kind }, name)} readOnly={!may}
                  label={t(`size_${name}` as Parameters<typeof t>[0])}
                  onChange={(value) => change({
                    shape: { ...node.shape, kind, [name]: value } })} />
                {['channels', 'troughs'].includes(name) ? '' : 'm'}
              </label>))}
          </dd>
        </>}
      </dl>
      {flaws.map((flaw) => (
        <p key={`${flaw.field} ${flaw.text}`} className={styles.flaw} role="alert">
          {flaw.text}</p>))}
      {may && (
        <div className={styles.row}>
          <Button size="compact-xs" variant="default" onClick={onCopy}>{t('copyNode')}</Button>
          <Button size="compact-xs" variant="default" color="red" onClick={onDrop}>
            {below ? t('dropNodes', { count: below + 1 }) : t('dropNode')}</Button>
        </div>)}
    </section>
  );
}

// Groups and what stands in none of it: a node is not its own ancestor.
function parentsOf(scene: RawScene, id: string): RawNode[] {
  const below = new Set(belowNode(scene, id));
  const now = scene.nodes.find((node) => node.id === id)?.parent;
  const parents = new Set(scene.nodes.map((node) => node.parent));
  return scene.nodes.filter((node) => !below.has(node.id)
    && (!node.shape || parents.has(node.id) || node.id === now));
}
