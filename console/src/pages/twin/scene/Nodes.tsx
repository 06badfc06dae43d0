import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { getJson, query } from '~/lib/api';
import { languageNow } from '~/lib/words';
import { localised } from '~/words/localised';
import type { Page, Twin } from '../data';
import { useUrl } from '../state';
import twinStyles from '../twin.module.css';
import type { Asset, RawNode, RawScene, SceneFlaw, Vector } from './data';
import { addNode, changeNode, dropNode, nameOf, renameNode, spoken } from './draft';
import { NodeForm } from './NodeForm';
import { NodeTable } from './NodeTable';
import styles from './scene.module.css';
import { TopView } from './TopView';
import { words } from './words';

const twinsOffered = 5000;

// The table of the nodes, the plan beside it, and below the plan all of the chosen node.
export function Nodes({ site, scene, flaws, assets, may, onEdit }: {
  site: string; scene: RawScene; flaws: { errors: SceneFlaw[]; warnings: SceneFlaw[] };
  assets: Asset[];
  may: boolean; onEdit: (scene: RawScene, key?: string) => void;
}): ReactNode {
  const t = words.use();
  const url = useUrl();
  const [find, setFind] = useState('');
  const [wanted] = useDebouncedValue(find.trim().toLowerCase(), 150);
  const selected = url.get('node');
  const select = (id: string | null) => url.set({ node: id });
  const nodes = useMemo(() => (wanted ? scene.nodes.filter((node) =>
    `${node.id} ${nameOf(node)} ${node.twin ?? ''} ${node.shape?.kind ?? ''}`
      .toLowerCase().includes(wanted)) : scene.nodes), [scene, wanted]);
  const chosen = scene.nodes.find((node) => node.id === selected);
  const add = (like?: RawNode) => {
    const at: Vector = like?.position
      ? like.position.map((one, i) => (i === 0 ? one + 5 : one)) as Vector : [0, 0, 0];
    const made = addNode(scene, at, like);
    onEdit(made.scene);
    select(made.id);
  };
  return (
    <div className={styles.split} data-chosen={chosen !== undefined}>
      <div className={`${twinStyles.toolbar} ${styles.tools}`}>
        <TextInput size="xs" value={find} placeholder={t('findNode')} aria-label={t('findNode')}
          onChange={(event) => setFind(event.currentTarget.value)} w={220} />
        <span className={twinStyles.spring} />
        {may && <Button size="xs" variant="default" leftSection={<Plus size={13} />}
          onClick={() => add()}>{t('addNode')}</Button>}
      </div>
      <NodeTable site={site} nodes={nodes} errors={flaws.errors} warnings={flaws.warnings}
        selected={selected} may={may} onSelect={select}
        onEdit={(id, change) => onEdit(changeNode(scene, id, change))}
        onName={(node, text) => onEdit(changeNode(scene, node.id, {
          name: spoken(node.name, languageNow(), text) }))} />
      <TwinIds wanted={chosen?.twin ?? ''} />
      <TopView scene={scene} selected={selected} onSelect={select} onEdit={onEdit} may={may} />
      {chosen && <NodeForm key={chosen.id} scene={scene} node={chosen} assets={assets} may={may}
        flaws={[...flaws.errors, ...flaws.warnings].filter((one) => one.node === chosen.id)}
        onEdit={(id, change) => onEdit(changeNode(scene, id, change))}
        onRename={(next) => {
          onEdit(renameNode(scene, chosen.id, next));
          select(next);
        }}
        onCopy={() => add(chosen)}
        onDrop={() => {
          onEdit(dropNode(scene, chosen.id));
          select(null);
        }} />}
    </div>
  );
}

// The twins that a node may stand for, offered by the browser as one types.
function TwinIds({ wanted }: { wanted: string }): ReactNode {
  const twins = useQuery({
    queryKey: ['twin-ids'], staleTime: 60_000,
    queryFn: () => getJson<Page<Twin>>(
      `/api/v1/twins${query({ values: false, limit: twinsOffered })}`)
      .then((page) => page.items.map(({ id, name }) => ({ id, name }))),
  });
  return (
    <datalist id="scene-twins">
      {(twins.data ?? []).filter((one) => one.id !== wanted).map((one) => (
        <option key={one.id} value={one.id}>{localised(one.name)}</option>))}
    </datalist>
  );
}
