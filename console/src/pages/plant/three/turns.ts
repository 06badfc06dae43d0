// How fast a rotor is drawn: true up to 40 turns a minute, then slower than it is, so that the eye
// can follow; never above 90.
export function shownTurns(rpm: number): number {
  const fast = Math.abs(rpm);
  const shown = fast <= 40 ? fast : 40 + 50 * (1 - Math.exp(-(fast - 40) / 600));
  return Math.sign(rpm) * shown;
}
