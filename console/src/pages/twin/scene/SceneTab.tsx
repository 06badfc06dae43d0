import { Button, FileButton, SegmentedControl } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMemo, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useMay } from '~/lib/session';
import { Empty, ProblemAlert } from '~/ui';
import { isConflict } from '../data';
import { useUrl } from '../state';
import styles from '../twin.module.css';
import type { TabContext } from '../detail/TwinView';
import { AssetFiles } from './AssetFiles';
import { useAssets, useSceneList, whole, type RawScene } from './data';
import { Conflict } from './Conflict';
import { changesOf } from './draft';
import { DeleteScene } from './DeleteScene';
import { Nodes } from './Nodes';
import { SceneJson } from './SceneJson';
import { emptyScene, useDraft, useFlaws } from './useDraft';
import { words } from './words';

export const plantLink = (site: string): string =>
  `/plant/${site.split('/').map(encodeURIComponent).join('/')}`;

// What the site looks like: its nodes in a table and from above, the JSON behind them, the files
// that it places. Nothing is on the server before it is saved.
export function SceneTab({ twin }: TabContext): ReactNode {
  const scenes = useSceneList();
  if (scenes.isError) return (
    <div className={styles.scroll}>
      <ProblemAlert error={scenes.error} retry={() => void scenes.refetch()} />
    </div>);
  if (!scenes.data) return <div className={styles.scroll} aria-busy="true" />;
  return <Editor site={twin.id} exists={scenes.data.some((one) => one.site === twin.id)} />;
}

type Shown = 'nodes' | 'json' | 'files';

function Editor({ site, exists }: { site: string; exists: boolean }): ReactNode {
  const t = words.use();
  const url = useUrl();
  const may = useMay('engineer');
  const hold = useDraft(site, exists);
  const { draft, theirs, dirty } = hold;
  const flaws = useFlaws(site, draft?.scene);
  const assets = useAssets();
  const [broken, setBroken] = useState(false); // the JSON does not parse
  const [deleting, setDeleting] = useState(false);
  const asked = url.get('scene');
  const shown: Shown = asked === 'json' || asked === 'files' ? asked : 'nodes';
  const changes = useMemo(() => (draft?.base && dirty
    ? changesOf(draft.base.scene, draft.scene).length : 0), [draft, dirty]);
  if (!draft && !exists)
    return <NoScene may={may} onBegin={hold.begin} />;
  if (hold.read.isError && !draft) return (
    <div className={styles.scroll}>
      <ProblemAlert error={hold.read.error} retry={() => void hold.read.refetch()} />
    </div>);
  if (!draft) return <div className={styles.scroll} aria-busy="true" />;
  const save = () => void hold.save();
  const ready = dirty && !broken && flaws.errors.length === 0 && !theirs;
  return (
    <div className={styles.fill} onKeyDown={(event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === 's') {
        event.preventDefault();
        if (may && ready) save();
      } else if (key === 'z' && !(event.target as Element).closest('input, .cm-editor')) {
        event.preventDefault();
        if (event.shiftKey) hold.redo();
        else hold.undo();
      }
    }}>
      <div className={styles.toolbar}>
        <SegmentedControl size="xs" value={shown} aria-label={t('shown')}
          onChange={(next) => url.set({ scene: next === 'nodes' ? null : next })}
          data={[{ value: 'nodes', label: t('shownNodes', { count: draft.scene.nodes.length }) },
            { value: 'json', label: 'JSON' },
            { value: 'files', label: t('shownFiles', { count: assets.data?.length ?? 0 }) }]} />
        <Status hold={hold} changes={changes} errors={flaws.errors.length}
          warnings={flaws.warnings.length + flaws.more} />
        <span className={styles.spring} />
        {draft.base && <Link className={styles.linkish} to={plantLink(site)}>
          {t('showInPlant')}</Link>}
        {may && shown !== 'files' && (
          <>
            <Button size="xs" variant="default" disabled={!draft.past.length}
              onClick={hold.undo}>{t('undo')}</Button>
            <Button size="xs" variant="default" disabled={!draft.future.length}
              onClick={hold.redo}>{t('redo')}</Button>
            {dirty && <Button size="xs" variant="default"
              onClick={() => void hold.reread()}>{t('discard')}</Button>}
            {draft.base && !dirty && (
              <Button size="xs" variant="default" color="red"
                onClick={() => setDeleting(true)}>{t('deleteScene')}</Button>)}
            <Button size="xs" disabled={!ready} loading={hold.busy} onClick={save}>
              {t('save')}</Button>
          </>)}
      </div>
      {hold.error !== null && !isConflict(hold.error) && <ProblemAlert error={hold.error} />}
      <ProblemAlert error={flaws.error} />
      {theirs && draft.base ? (
        <Conflict base={draft.base.scene} mine={draft.scene} theirs={theirs.scene}
          onTheirs={hold.takeTheirs} onMerge={hold.rebase} />
      ) : shown === 'files' ? <AssetFiles may={may} scene={draft.scene} />
        : shown === 'json' ? <SceneJson scene={draft.scene} flaws={flaws} may={may}
          onChange={(next) => hold.edit(next, 'json')} onBroken={setBroken} onSave={() => {
            if (ready) save();
          }} />
          : <Nodes site={site} scene={draft.scene} flaws={flaws} assets={assets.data ?? []}
            may={may} onEdit={hold.edit} />}
      {deleting && <DeleteScene site={site} nodes={draft.scene.nodes.length}
        onClose={() => setDeleting(false)} onDelete={() => hold.remove().then(() => {
          notifications.show({
            autoClose: 30_000, message: (
              <span>{t('sceneDeleted')}{' '}
                <button type="button" className={styles.linkish}
                  onClick={() => hold.begin(draft.scene)}>{t('asDraft')}</button></span>),
          });
        })} />}
    </div>
  );
}

// One line: what is not saved yet, what is wrong, what was saved and can be taken back.
function Status({ hold, changes, errors, warnings }: {
  hold: ReturnType<typeof useDraft>; changes: number; errors: number; warnings: number;
}): ReactNode {
  const t = words.use();
  const { draft, dirty } = hold;
  return (
    <span className={styles.hint} role="status">
      {dirty && (draft?.base === null ? t('notThere') : t('unsaved', { count: changes }))}
      {!dirty && draft?.saved && (
        <>
          ✓ {t('saved', { revision: draft.saved.revision })}{' '}
          <button type="button" className={styles.linkish} disabled={hold.busy}
            onClick={() => void hold.unsave()}>{t('unsave')}</button>
        </>)}
      {errors > 0 && <span style={{ color: 'var(--hw-alarm)' }}>
        {' '}✕ {t('errors', { count: errors })}</span>}
      {warnings > 0 && <span style={{ color: 'var(--hw-warn)' }}>
        {' '}△ {t('warnings', { count: warnings })}</span>}
    </span>
  );
}

function NoScene({ may, onBegin }: {
  may: boolean; onBegin: (scene: RawScene) => void;
}): ReactNode {
  const t = words.use();
  const [error, setError] = useState<unknown>(null);
  const take = (file: File | null) => {
    file?.text().then((text) => onBegin(whole(JSON.parse(text) as RawScene)))
      .catch(() => setError(new Error(t('notJson', { file: file.name }))));
  };
  return (
    <div className={styles.fill}>
      <ProblemAlert error={error} />
      <Empty title={t('noScene')} text={t('noSceneText')}
        action={may ? { label: t('beginScene'), run: () => onBegin(emptyScene()) } : undefined}
        command="headworks twin scene put bluewater/plant1 examples/waterworks/scene.json" />
      {may && (
        <div style={{ textAlign: 'center' }}>
          <FileButton accept=".json,application/json" onChange={take}>
            {(props) => <Button size="xs" variant="default" {...props}>{t('takeFile')}</Button>}
          </FileButton>
        </div>)}
    </div>
  );
}
