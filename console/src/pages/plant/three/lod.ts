// Which detail an object of that radius (m) is drawn at: 2 high, 1 medium, 0 low, -1 not at all.
// `pixels` is how many pixels one metre has at a distance of one metre. The one it has now holds a
// little longer, so that nothing flickers at a border.
const limits = [1.2, 14, 90] as const; // radius in pixels from which low, medium, high are worth it

export function detailFor(radius: number, distance: number, pixels: number, now: number): number {
  const seen = (radius / Math.max(0.01, distance - radius)) * pixels;
  if (distance <= radius * 1.05) return 2;
  let detail = -1;
  for (let i = 0; i < limits.length; i += 1) {
    const slack = now >= i ? 0.85 : 1.1;
    if (seen >= (limits[i] as number) * slack) detail = i;
  }
  return detail;
}
