import type { Trust } from '~/lib/live';
import type { Trouble } from '../contract';
import type { Candidate } from './layout';
import type { Mark } from './marks';
import styles from './scene.module.css';
import { words } from './words';

// What a label says.
export interface LabelText {
  name: string;
  trouble: Trouble | undefined;
  form: Candidate['form'];
  mark: Mark | null;
  vessel: boolean;
  level: number;
  chosen: boolean;
  values: readonly { text: string; trust: Trust; delta: string }[];
}

const signs = {
  alarm: 'M1 1h10v10H1z', warn: 'M6 1 11.5 11H.5z', note: 'M6 .5 11.5 6 6 11.5.5 6z',
} as const;
const space = 'http://www.w3.org/2000/svg';

type Stroke = [className: string | undefined, d: string];

function drawn(size: number, ...paths: Stroke[]): SVGSVGElement {
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  for (const [className, d] of paths) {
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', d);
    if (className) path.setAttribute('class', className);
    svg.append(path);
  }
  return svg;
}

const disc = 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13z';
const bow = 'M1.5 3.5L14.5 12.5V3.5L1.5 12.5Z';

function markDrawing({ form, on }: Mark): SVGSVGElement {
  const full = on === 1 ? styles.on : styles.off;
  if (form === 'machine')
    return drawn(16, [full, disc], [on === 1 ? styles.onLine : styles.line,
      'M5.5 4.2L12 8L5.5 11.8']);
  return on === 0.5
    ? drawn(16, [styles.off, bow], [styles.on, 'M1.5 3.5L8 8L1.5 12.5Z'])
    : drawn(16, [full, bow]);
}

function part(className: string | undefined): HTMLSpanElement {
  const span = document.createElement('span');
  span.className = className ?? '';
  return span;
}

// One label's elements, used again for whatever stands next.
export class LabelBox {
  private readonly root = document.createElement('div');
  private readonly badge = part(styles.badge);
  private readonly mark = part(styles.mark);
  private readonly name = part(styles.name);
  private readonly say = part(styles.say);
  private readonly gauge = part(styles.gauge);
  private readonly values: HTMLSpanElement[] = [];
  private key = '';

  constructor(over: HTMLElement) {
    const head = part(styles.head);
    head.append(this.badge, this.mark, this.name);
    this.gauge.append(part(undefined));
    this.root.append(head, this.say, this.gauge);
    over.append(this.root);
  }

  hide(): void {
    this.key = '';
    this.root.style.display = 'none';
  }

  put({ left, top, x }: Candidate): void {
    const { style } = this.root;
    style.display = '';
    style.transform = `translate(${left}px,${top}px)`;
    // The stem stays at what it is about where the label was moved in from an edge.
    style.setProperty('--stem', `${Math.round(x - left)}px`);
  }

  raise(order: number): void {
    this.root.style.zIndex = String(order);
  }

  write(text: LabelText): void {
    const { trouble, mark, form, chosen, values } = text;
    const level = Number.isFinite(text.level) ? Math.round(text.level * 50) * 2 : -1;
    const differs = values.some(({ delta }) => delta !== '');
    const key = `${text.name}|${trouble?.kind ?? ''}|${trouble?.text ?? ''}|${form}|${chosen}|` +
      `${mark ? `${mark.form}${mark.on}${mark.doubt}` : ''}|${text.vessel ? level : ''}|` +
      values.map((one) => one.text + one.trust + one.delta).join('|');
    if (this.key === key) return;
    this.key = key;
    this.root.className = [styles.label, trouble && styles[trouble.kind],
      form === 'pin' && styles.pin, form === 'mark' && styles.sole, chosen && styles.selected,
      differs && styles.differs, text.vessel && styles.vessel,
      values.length === 1 && !trouble && styles.row].filter(Boolean).join(' ');
    this.name.textContent = text.name;
    this.badge.replaceChildren(...(trouble ? [drawn(12, [undefined, signs[trouble.kind]])] : []));
    this.mark.replaceChildren(...(mark ? [markDrawing(mark)] : []));
    this.mark.dataset.doubt = String(mark?.doubt ?? false);
    this.say.textContent = trouble?.text ?? '';
    this.gauge.style.display = text.vessel ? '' : 'none';
    this.gauge.classList.toggle('hw-hatched', level < 0);
    (this.gauge.firstElementChild as HTMLElement).style.height = `${Math.max(0, level)}%`;
    this.writeValues(values);
  }

  private writeValues(shown: LabelText['values']): void {
    while (this.values.length < shown.length) {
      const span = document.createElement('span');
      this.values.push(span);
      this.root.append(span);
    }
    this.values.forEach((span, i) => {
      const seen = shown[i];
      const doubtful = seen !== undefined && seen.trust !== 'good';
      span.className = `${styles.value} ${doubtful ? `hw-hatched ${styles.doubtful}` : ''}`;
      span.style.display = seen ? '' : 'none';
      span.textContent = seen?.text ?? '';
      if (doubtful) span.dataset.mark = words.now(seen.trust === 'good' ? 'none' : seen.trust);
      else delete span.dataset.mark;
      if (seen?.delta) span.dataset.delta = `Δ ${seen.delta}`;
      else delete span.dataset.delta;
    });
  }
}
