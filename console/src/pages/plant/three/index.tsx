import { Button, useComputedColorScheme } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode,
} from 'react';
import { usePrefs } from '~/lib/prefs';
import { useUnits } from '~/lib/units';
import type { SceneViewProps } from '../contract';
import { wordOf } from '../model/state';
import styles from './scene.module.css';
import { Stage } from './stage';
import { words } from './words';

// The plant in three dimensions. This component makes a Stage for a scene and tells it what has
// changed; nothing here renders for a value.
export default function PlantScene(props: SceneViewProps): ReactNode {
  const t = words.use();
  const host = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  const [stage, setStage] = useState<Stage | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [lost, setLost] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const help = useId();
  const { scene } = props;

  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (!host.current || !over.current) return undefined;
    // A canvas of its own for each scene: a context that was given back cannot be had again.
    const canvas = document.createElement('canvas');
    canvas.className = styles.canvas ?? '';
    host.current.replaceChildren(canvas);
    let made: Stage;
    try {
      made = new Stage(canvas, over.current, scene, {
        select: (id) => latest.current.onSelect(id), lost: setLost,
      }, () => usePrefs.getState().units);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
      return undefined;
    }
    const sizes = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      made.resize(Math.round(width), Math.round(height));
    });
    sizes.observe(over.current);
    setFault(null);
    setStage(made);
    return () => {
      setStage(null);
      sizes.disconnect();
      made.dispose();
    };
  }, [scene, attempt]);
  useTold(stage, props);
  const [said, setSaid] = useState('');
  const hands = useHands(stage, latest, setSaid);

  return (
    <div className={styles.root}>
      <div
        ref={host} className={styles.host} tabIndex={0} role="application"
        aria-label={props.label} aria-describedby={help} {...hands}
      />
      <div ref={over} className={styles.over} aria-hidden="true" />
      <p id={help} className="hw-visually-hidden">{t('keys')}</p>
      <p className="hw-visually-hidden" aria-live="polite">{said}</p>
      {lost && <div className={styles.message} role="status">{t('lost')}</div>}
      {fault !== null && (
        <div className={styles.message} role="alert">
          {t('failed', { why: fault })}
          <Button variant="default" onClick={() => setAttempt(attempt + 1)}>{t('again')}</Button>
        </div>
      )}
    </div>
  );
}

// Tells the stage each thing when it changes.
function useTold(stage: Stage | null, props: SceneViewProps): void {
  const t = words.use();
  const dark = useComputedColorScheme('dark') === 'dark';
  const calm = useReducedMotion();
  const set = useUnits();
  const zone = usePrefs((prefs) => prefs.zone);
  const { source, trouble, selected, hiddenLayers, view, flyTo, measure, link } = props;
  useEffect(() => stage?.setScheme(dark), [stage, dark]);
  useEffect(() => stage?.setCalm(calm), [stage, calm]);
  useEffect(
    () => stage?.setContext({ set, zone, word: wordOf }),
    [stage, set, zone, t],
  );
  useEffect(() => stage?.setLink(link ?? null), [stage, link]);
  useEffect(() => stage?.setHidden(hiddenLayers), [stage, hiddenLayers]);
  useEffect(() => stage?.setSource(source), [stage, source]);
  useEffect(() => stage?.setTrouble(trouble), [stage, trouble]);
  useEffect(() => stage?.setSelected(selected), [stage, selected]);
  useEffect(() => stage?.setMeasure(measure), [stage, measure]);
  useEffect(() => {
    if (view !== null) stage?.flyToView(view);
  }, [stage, view]);
  useEffect(() => {
    if (flyTo !== null) stage?.flyToNode(flyTo.id);
  }, [stage, flyTo]);
}

const clickReach = 4; // px a click may slip

interface Hands {
  onPointerDown: (event: PointerEvent) => void;
  onPointerUp: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerLeave: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onBlur: () => void;
}

function useHands(stage: Stage | null, latest: { current: SceneViewProps },
  say: (text: string) => void): Hands {
  const t = words.use();
  // Escape lets Tab lead out again; coming back in by keys walks anew.
  const free = useRef(false);
  const down = useRef<{ x: number; y: number } | null>(null);
  const hovered = useRef(0);
  const place = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  return {
    onPointerDown: (event) => {
      down.current = event.button === 0 && event.isPrimary ? place(event) : null;
    },
    onPointerUp: (event) => {
      const from = down.current;
      down.current = null;
      const to = place(event);
      if (from && Math.hypot(to.x - from.x, to.y - from.y) <= clickReach) stage?.click(to.x, to.y);
    },
    onPointerMove: (event) => {
      if (event.buttons !== 0 || event.pointerType === 'touch') return;
      if (event.timeStamp - hovered.current < 60) return;
      hovered.current = event.timeStamp;
      const { x, y } = place(event);
      stage?.point(x, y);
    },
    onPointerLeave: () => stage?.leave(),
    onBlur: () => {
      free.current = false;
    },
    onKeyDown: (event) => {
      if (!stage || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Tab') {
        const next = free.current ? null : stage.walk(event.shiftKey ? -1 : 1);
        say(next ? t('walk', { name: next.name, place: next.place, count: next.count }) : '');
        if (next) event.preventDefault();
        return;
      }
      if ((event.key === 'Enter' || event.key === ' ') && stage.walked !== null) {
        event.preventDefault();
        event.stopPropagation();
        latest.current.onSelect(stage.walked);
        return;
      }
      if (event.key === 'Escape') {
        // With nothing open it is the walk that ends.
        free.current = latest.current.selected === null;
        if (free.current) stage.leave();
        stage.tape.clear();
        return;
      }
      if (press(stage, event.key)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
  };
}

const step = Math.PI / 24;

function press(stage: Stage, key: string): boolean {
  if (key === 'ArrowLeft') stage.orbit(-step, 0);
  else if (key === 'ArrowRight') stage.orbit(step, 0);
  else if (key === 'ArrowUp') stage.orbit(0, -step);
  else if (key === 'ArrowDown') stage.orbit(0, step);
  else if (key === '+' || key === '=') stage.orbit(0, 0, 1 / 1.2);
  else if (key === '-' || key === '_') stage.orbit(0, 0, 1.2);
  else if (key === 'Home') stage.home();
  else return false;
  return true;
}
