// How hard a password is to guess, roughly: 0 (too short) to 3. Length counts most, as NIST SP
// 800-63B has it; repetition and the name take from it. The server has the last word.
export function strengthOf(password: string, name: string, least = 12): number {
  if ([...password].length < least) return 0;
  const distinct = new Set(password.toLowerCase()).size;
  let points = password.length + distinct / 2;
  if (name.length > 2 && password.toLowerCase().includes(name.toLowerCase())) points -= 8;
  if (distinct < 6) points -= 10;
  return points < 20 ? 1 : points < 28 ? 2 : 3;
}
