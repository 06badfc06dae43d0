import { Button, FileButton, Group, Modal, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Upload } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { ApiError } from '~/lib/api';
import { formatTime, parseTime, useZone } from '~/lib/time';
import { formatNumber } from '~/lib/units';
import { DataTable, ProblemAlert, type Column } from '~/ui';
import twinStyles from '../twin.module.css';
import {
  assetsLimit, assetUrl, putAsset, removeAsset, useAssets, type Asset, type RawScene,
  type SceneFlaw,
} from './data';
import { words } from './words';

// "My pump (2).glb" is "My_pump_2.glb": an asset's name is an id.
export const nameOfFile = (file: string): string =>
  file.replace(/[^-\w.:]+/g, '_').replace(/_+(?=\.)|^_+/g, '').slice(-128) || 'asset.glb';

export const sizeOfBytes = (bytes: number): string => (bytes >= 1 << 20
  ? `${formatNumber(bytes / 2 ** 20, 1)} MiB` : `${formatNumber(bytes / 1024, 1)} KiB`);

const typeNames: Record<string, string> = {
  'model/gltf-binary': 'GLB', 'model/gltf+json': 'glTF',
};

export function useUses(scene: RawScene): Map<string, number> {
  return useMemo(() => {
    const uses = new Map<string, number>();
    for (const { shape } of scene.nodes)
      if (shape?.kind === 'asset' && typeof shape.asset === 'string')
        uses.set(shape.asset, (uses.get(shape.asset) ?? 0) + 1);
    return uses;
  }, [scene]);
}

// The glTF files that scenes may place, of all sites.
export function AssetFiles({ may, scene }: { may: boolean; scene: RawScene }): ReactNode {
  const t = words.use();
  const zone = useZone();
  const client = useQueryClient();
  const assets = useAssets();
  const uses = useUses(scene);
  const [busy, setBusy] = useState('');
  const [error, setError] = useState<{ of: string; why: unknown } | null>(null);
  const [asking, setAsking] = useState<{ asset: Asset; file?: File } | null>(null);
  const total = (assets.data ?? []).reduce((sum, one) => sum + one.bytes, 0);
  const run = async (name: string, work: () => Promise<unknown>) => {
    setBusy(name);
    setError(null);
    try {
      await work();
    } catch (why) {
      setError({ of: name, why });
    } finally {
      setBusy('');
      await client.invalidateQueries({ queryKey: ['twin-assets'] });
    }
  };
  const upload = (file: File, before?: Asset) => {
    const name = before?.name ?? nameOfFile(file.name);
    // Told before the whole of it is sent; the server says the same.
    const after = total - (before?.bytes ?? 0) + file.size;
    if (after > assetsLimit) {
      setError({ of: name, why: new Error(t('tooLarge', {
        size: sizeOfBytes(file.size), rest: sizeOfBytes(assetsLimit - total) })) });
      return;
    }
    void run(name, () => putAsset(name, file, before));
  };
  const take = (file: File | null) => {
    if (!file) return;
    const there = assets.data?.find((one) => one.name === nameOfFile(file.name));
    if (there) setAsking({ asset: there, file });
    else upload(file);
  };
  const columns: Column<Asset>[] = [
    { id: 'name', title: t('file'), sort: (one) => one.name, cell: (one) => (
      <a className={twinStyles.pointLink} href={assetUrl(one.name)} download={one.name}
        title={`SHA-256 ${one.digest ?? ''}`}>{one.name}</a>) },
    { id: 'type', title: t('type'), width: 66, sort: (one) => one.media_type ?? '',
      cell: (one) => typeNames[one.media_type ?? ''] ?? one.media_type },
    { id: 'bytes', title: t('bytes'), width: 92, right: true, sort: (one) => one.bytes,
      cell: (one) => <span title={`${formatNumber(one.bytes)} B`}>
        {sizeOfBytes(one.bytes)}</span> },
    { id: 'uses', title: t('uses'), width: 86, right: true,
      sort: (one) => uses.get(one.name) ?? 0,
      cell: (one) => formatNumber(uses.get(one.name) ?? 0) },
    { id: 'when', title: t('changedAt'), width: 160, sort: (one) => one.updated_at ?? '',
      cell: (one) => <span className="hw-dim" title={one.updated_by}>
        {formatTime(parseTime(one.updated_at), 'full', zone)}</span> },
    ...(may ? [{ id: 'do', title: '', width: 156, cell: (one: Asset) => (
      <Group gap={6} wrap="nowrap">
        <FileButton accept=".glb,.gltf" onChange={(file) => {
          if (file) upload(file, one);
        }}>
          {(props) => <Button size="compact-xs" variant="default" loading={busy === one.name}
            {...props} aria-label={t('replaceFile', { name: one.name })}>{t('replace')}</Button>}
        </FileButton>
        <Button size="compact-xs" variant="default" color="red"
          aria-label={t('deleteFile', { name: one.name })}
          onClick={() => setAsking({ asset: one })}>{t('delete')}</Button>
      </Group>) } satisfies Column<Asset>] : []),
  ];
  return (
    <>
      <div className={twinStyles.toolbar}>
        <span className={twinStyles.hint}>{t('filesHint')}</span>
        <span className={twinStyles.spring} />
        <span className={`${twinStyles.hint} hw-num`}>
          {t('filesTotal', { size: sizeOfBytes(total), limit: sizeOfBytes(assetsLimit) })}</span>
        {may && (
          <FileButton accept=".glb,.gltf" onChange={take}>
            {(props) => <Button size="xs" leftSection={<Upload size={13} />}
              loading={busy !== ''} {...props}>{t('uploadFile')}</Button>}
          </FileButton>)}
      </div>
      <ProblemAlert error={assets.error} />
      {error && <FileProblem name={error.of} error={error.why} />}
      <div className={twinStyles.grow}>
        <DataTable rows={assets.data ?? []} columns={columns} rowKey={(one) => one.name}
          label={t('files')} empty={t('noFiles')} />
      </div>
      {asking && <Ask {...asking} uses={uses.get(asking.asset.name) ?? 0}
        onClose={() => setAsking(null)} onYes={() => {
          const { asset, file } = asking;
          setAsking(null);
          if (file) upload(file, asset);
          else void run(asset.name, () => removeAsset(asset));
        }} />}
    </>
  );
}

// What is wrong with a file, flaw by flaw, each at its place in it.
function FileProblem({ name, error }: { name: string; error: unknown }): ReactNode {
  const flaws = error instanceof ApiError && Array.isArray(error.problem.errors)
    ? error.problem.errors as SceneFlaw[] : [];
  return (
    <div role="alert">
      <div className="hw-mono">{name}</div>
      <ProblemAlert error={error} />
      {flaws.length > 1 && (
        <ul className={twinStyles.flawList}>
          {flaws.map((one) => (
            <li key={`${one.field} ${one.text}`}>
              <span className={twinStyles.flawPlace}>{one.field}</span><span>{one.text}</span>
            </li>))}
        </ul>)}
    </div>
  );
}

function Ask({ asset, file, uses, onClose, onYes }: {
  asset: Asset; file?: File; uses: number; onClose: () => void; onYes: () => void;
}): ReactNode {
  const t = words.use();
  return (
    <Modal opened onClose={onClose} centered closeButtonProps={{ 'aria-label': t('close') }}
      title={t(file ? 'replaceFile' : 'deleteFile', { name: asset.name })}>
      <Stack gap="sm">
        <div>{file ? t('replaceText', {
          old: sizeOfBytes(asset.bytes), size: sizeOfBytes(file.size) }) : t('deleteFileText')}
        {uses > 0 && ` ${t('usedHere', { count: uses })}`}</div>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>{t('cancel')}</Button>
          <Button color={file ? undefined : 'red'} onClick={onYes}>
            {t(file ? 'replace' : 'delete')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
