// Arithmetic of the small chart.

// Some four round values that hold all that is drawn.
export function ticksOf(values: (number | null)[]): number[] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values)
    if (value !== null && Number.isFinite(value)) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  if (least > most) return [0, 1];
  if (most - least < 1e-9 * Math.max(1, Math.abs(most))) {
    least -= 1;
    most += 1;
  }
  const rough = (most - least) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.floor(least / step);
  const last = Math.ceil(most / step);
  return Array.from({ length: last - first + 1 },
    (_, index) => Number(((first + index) * step).toPrecision(12)));
}

// What is not known stays a gap.
export function linePath(values: (number | null)[], x: (row: number) => number,
  y: (value: number) => number): string {
  let path = '';
  let pen = false;
  values.forEach((value, row) => {
    if (value === null || !Number.isFinite(value)) pen = false;
    else {
      path += `${pen ? 'L' : 'M'}${x(row).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = true;
    }
  });
  return path;
}

export const columnAt = (place: number, left: number, right: number, rows: number): number =>
  Math.min(rows - 1, Math.max(0, Math.round(((place - left) / (right - left)) * (rows - 1))));
