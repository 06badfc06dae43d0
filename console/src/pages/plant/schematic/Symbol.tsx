import type { ReactNode } from 'react';
import { colourText } from '../model/colour';
import type { ItemState } from '../model/state';
import styles from '../plant.module.css';
import type { Placed } from './place';
import { instrumentLetters, waterOf } from './level';

// The form of a piece of equipment, its middle at 0, 0, as flow sheets draw it (ISO 10628): a
// machine that runs is filled, one that stands is an outline; words say the same beside it.
export function Symbol({ placed, state }: { placed: Placed; state: ItemState }): ReactNode {
  const { symbol, w, h, item } = placed;
  const running = state.motion.kind === 'running';
  const open = state.motion.kind === 'valve' && state.motion.open > 0.005;
  const water = waterOf(symbol, w, h, state.fill);
  const machine = running ? styles.on : styles.off;
  const detail = running ? styles.onDetail : styles.detail;
  const r = Math.min(w, h) / 2;
  // What the water is by a value of its own is coloured as in the scene; the legend says which.
  const own = state.water >= 0
    ? { fill: colourText(state.water), fillOpacity: 0.5 } : undefined;
  const wet = water && (
    <>
      <rect className={styles.water} style={own} x={water.x} y={water.y} width={water.w}
        height={water.h} />
      <path className={styles.surface} d={`M${water.x} ${water.y}h${water.w}`} />
    </>);
  switch (symbol) {
    case 'area':
      return <rect className={styles.area} x={-w / 2} y={-h / 2} width={w} height={h} rx="6" />;
    case 'tank':
      return (
        <>
          <rect className={styles.body} x={-w / 2} y={-h / 2} width={w} height={h} rx="5" />{wet}
        </>);
    case 'basin':
      return (
        <>
          <path className={styles.body}
            d={`M${-w / 2} ${-h / 2}V${h / 2}H${w / 2}V${-h / 2}`} />{wet}
        </>);
    case 'clarifier':
      return (
        <>
          <path className={styles.body} d={`M${-w / 2} ${-h / 2}V${h / 4}L0 ${h / 2}L${w / 2} ` +
            `${h / 4}V${-h / 2}`} />{wet}
          <path className={styles.detail} d={`M0 ${-h / 2}V${h / 3}M${-w / 3} ${h / 4}H${w / 3}`} />
        </>);
    case 'filter': {
      const bed = h * 0.36;
      return (
        <>
          <rect className={styles.body} x={-w / 2} y={-h / 2} width={w} height={h} rx="3" />{wet}
          <path className={styles.detail} strokeDasharray="2 3"
            d={`M${-w / 2} ${h / 2 - bed}H${w / 2}M${-w / 2} ${h / 2 - bed / 2}H${w / 2}`} />
        </>);
    }
    case 'tower':
      return (
        <>
          <path className={styles.detail} d={`M${-w / 5} 0L${-w / 4} ${h / 2}M${w / 5} 0` +
            `L${w / 4} ${h / 2}M0 0V${h / 2}`} />
          <rect className={styles.body} x={-w / 2} y={-h / 2} width={w} height={h * 0.46} rx="4" />
          {wet}
        </>);
    case 'river':
      return (
        <>
          <rect className={styles.water} x={-w / 2} y={-h / 2} width={w} height={h} rx="10" />
          {[-0.25, 0, 0.25].map((part) => (
            <path key={part} className={styles.surface} fill="none"
              d={`M${-w / 3} ${h * part}q${w / 6} -7 ${w / 3} 0t${w / 3} 0`} />))}
        </>);
    case 'pump':
      return (
        <>
          <circle className={machine} r={r} />
          <path className={detail} d={`M${-r * 0.4} ${-r * 0.75}L${r * 0.85} 0L${-r * 0.4} ` +
            `${r * 0.75}`} />
        </>);
    case 'blower':
      return (
        <>
          <circle className={machine} r={r} />
          <path className={detail} d={`M${-r * 0.7} ${r * 0.4}Q0 ${-r * 1.3} ${r * 0.7} ` +
            `${r * 0.4}`} />
        </>);
    case 'mixer':
      return (
        <>
          <circle className={machine} r={w / 2} cy={-h / 2 + w / 2} />
          <path className={styles.detail} d={`M0 ${-h / 2 + w}V${h / 2}M${-w / 2} ${h / 2}` +
            `q${w / 4} -7 ${w / 2} 0t${w / 2} 0`} />
        </>);
    case 'valve':
      return <path className={open ? styles.on : styles.off}
        transform={`rotate(${placed.rotation})`}
        d={`M${-w / 2} ${-h / 2}L${w / 2} ${h / 2}V${-h / 2}L${-w / 2} ${h / 2}Z`} />;
    case 'meter':
      return (
        <>
          <circle className={styles.body} r={r} />
          <text className={styles.letters} y="4">
            {instrumentLetters(item.bindings.map((one) => one.property))}
          </text>
        </>);
    case 'dosing':
      return (
        <>
          <rect className={machine} x={-w / 2} y={-h / 2} width={w} height={h} rx="4" />
          <path className={detail} d={`M0 ${-h / 4}q${w / 5} ${h / 3} 0 ${h / 2}` +
            `q${-w / 5} ${-h / 6} 0 ${-h / 2}`} />
        </>);
    case 'building':
      return <path className={styles.body} d={`M${-w / 2} ${h / 2}V${-h / 5}L0 ${-h / 2}` +
        `L${w / 2} ${-h / 5}V${h / 2}Z`} />;
    case 'label':
      return null;
    default:
      return <rect className={styles.body} x={-w / 2} y={-h / 2} width={w} height={h} rx="4" />;
  }
}
