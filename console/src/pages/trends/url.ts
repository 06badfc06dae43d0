import { freeLook } from './chart/looks';
import { aggregations, pensLimit, type Aggregation, type Pen } from './chart/types';

// The state of the page as it stands in the address, to be read and written by people too:
//   pens=works/flow,works/level!mean!step!ago:7d&from=now-6h&to=now&tz=Asia/Shanghai
// A pen is its point and then, each after a "!", what differs from the usual: an aggregation, step
// or line, log, 0..100 (a fixed range), left, right, own, hide, nomodel (no limits of its twin),
// ago:7d, c3 (its look), lim:8.5.
// "%", "!" and "," of a point's path are written as %25, %21 and %2C within the pen.
const special: Record<string, string> = { '%': '%25', '!': '%21', ',': '%2C' };
const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const rangePattern = new RegExp(`^(${number})?\\.\\.(${number})?$`, 'i');
const shiftPattern = /^\d+(?:\.\d+)?(?:ms|s|m|h|d|w)$/;

function writePen(pen: Pen, usualLook: number): string {
  const parts = [pen.point.replace(/[%!,]/g, (one) => special[one] as string)];
  if (pen.aggregation !== 'auto') parts.push(pen.aggregation);
  if (pen.draw) parts.push(pen.draw);
  if (pen.scale) parts.push(pen.scale);
  if (pen.low !== undefined || pen.high !== undefined)
    parts.push(`${pen.low ?? ''}..${pen.high ?? ''}`);
  if (pen.side) parts.push(pen.side);
  if (pen.own) parts.push('own');
  if (pen.hidden) parts.push('hide');
  if (pen.noModel) parts.push('nomodel');
  if (pen.shift) parts.push(`ago:${pen.shift}`);
  for (const limit of pen.limits) parts.push(`lim:${limit}`);
  if (pen.look !== usualLook) parts.push(`c${pen.look}`);
  return parts.join('!');
}

function takeOption(pen: Pen, option: string): void {
  const range = rangePattern.exec(option);
  if ((aggregations as readonly string[]).includes(option)) pen.aggregation = option as Aggregation;
  else if (option === 'step' || option === 'line') pen.draw = option;
  else if (option === 'log') pen.scale = 'log';
  else if (option === 'left' || option === 'right') pen.side = option;
  else if (option === 'own') pen.own = true;
  else if (option === 'hide') pen.hidden = true;
  else if (option === 'nomodel') pen.noModel = true;
  else if (option.startsWith('ago:') && shiftPattern.test(option.slice(4)))
    pen.shift = option.slice(4);
  else if (option.startsWith('lim:') && Number.isFinite(Number(option.slice(4))))
    pen.limits.push(Number(option.slice(4)));
  else if (/^c\d{1,2}$/.test(option)) pen.look = Number(option.slice(1)) % 16;
  else if (range) {
    if (range[1] !== undefined) pen.low = Number(range[1]);
    if (range[2] !== undefined) pen.high = Number(range[2]);
  }
}

export function writePens(pens: Pen[]): string {
  const taken: number[] = [];
  return pens.map((pen) => {
    const text = writePen(pen, freeLook(taken));
    taken.push(pen.look);
    return text;
  }).join(',');
}

// What cannot be read is passed over: an old or mistyped link still opens.
export function readPens(text: string | null): Pen[] {
  const pens: Pen[] = [];
  for (const one of (text ?? '').split(',')) {
    const [path, ...options] = one.split('!');
    const point = (path ?? '').replace(/%(25|21|2C)/gi, (found) => decodeURIComponent(found));
    if (!point) continue;
    const pen: Pen = { point, aggregation: 'auto', look: -1, limits: [] };
    for (const option of options) takeOption(pen, option);
    if (pen.look < 0) pen.look = freeLook(pens.map(({ look }) => look));
    pens.push(pen);
    if (pens.length === pensLimit) break;
  }
  return pens;
}

// The query of an address, readable: "/", ":", "," and "!" stay as they are, which RFC 3986 allows.
export function writeSearch(values: Record<string, string | null | undefined>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (!value) continue;
    const text = encodeURIComponent(value)
      .replace(/%(2F|3A|2C|40|3B)/g, (found) => decodeURIComponent(found));
    parts.push(`${name}=${text}`);
  }
  return parts.length ? `?${parts.join('&')}` : '';
}
