import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { JsonText } from '~/ui/code';
import { FlawList } from '../detail/DescriptionTab';
import { whole, type RawScene, type SceneFlaw } from './data';
import { words } from './words';

const written = (scene: RawScene): string => JSON.stringify(scene, null, 2);

// A text that can be taken as a scene: what each part is, the server checks.
export function parsed(text: string): RawScene | null {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const scene = whole(value as RawScene);
    const good = Array.isArray(scene.nodes) && scene.nodes.every((node: unknown) =>
      typeof node === 'object' && node !== null
      && typeof (node as { id: unknown }).id === 'string');
    return good ? scene : null;
  } catch {
    return null;
  }
}

// The JSON behind table and plan. What parses goes into the draft at once.
export function SceneJson({ scene, flaws, may, onChange, onBroken, onSave }: {
  scene: RawScene; flaws: { errors: SceneFlaw[]; warnings: SceneFlaw[] }; may: boolean;
  onChange: (scene: RawScene) => void; onBroken: (broken: boolean) => void; onSave: () => void;
}): ReactNode {
  const t = words.use();
  const [text, setText] = useState(() => written(scene));
  const [given, setGiven] = useState(scene);
  // Another scene came from outside: by undo, by saving.
  if (given !== scene) {
    setGiven(scene);
    setText(written(scene));
  }
  const broken = parsed(text) === null;
  useEffect(() => onBroken(broken), [broken, onBroken]);
  useEffect(() => () => onBroken(false), [onBroken]);
  const marks = useMemo(() => [
    ...(broken ? [{ text: t('jsonBroken') }] : []),
    ...(broken ? [] : flaws.errors.map((one) => ({ pointer: one.field, text: one.text }))),
    ...(broken ? [] : flaws.warnings.map((one) => (
      { pointer: one.field, text: one.text, soft: true }))),
  ], [broken, flaws.errors, flaws.warnings, t]);
  return (
    <>
      <JsonText text={text} label={t('jsonLabel')} readOnly={!may} flaws={marks} onSave={onSave}
        onChange={(next) => {
          if (next === text) return;
          setText(next);
          const now = parsed(next);
          if (!now) return;
          setGiven(now);
          onChange(now);
        }} />
      <FlawList text={text} flaws={marks} />
    </>
  );
}
