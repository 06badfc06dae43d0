// What browsers say when a part of the program cannot be loaded, each in its own words.
export const isPartMissing = (error: unknown): boolean =>
  error instanceof Error && /dynamically imported module|module script failed|preload CSS/i
    .test(error.message);

const key = 'headworks.reloaded';
const pauseMs = 60_000;

// Not in a circle: once a minute in this tab, and never where that cannot be remembered.
export function mayReload(now: number): boolean {
  try {
    const last = Number(sessionStorage.getItem(key) ?? 0);
    if (now - last < pauseMs) return false;
    sessionStorage.setItem(key, String(now));
    return true;
  } catch {
    return false;
  }
}
