// Whether the browser draws with WebGL 2; asked once. No import of three here: the page asks before
// it loads that.
let known: boolean | undefined;

export function hasWebGl(): boolean {
  if (known !== undefined) return known;
  try {
    const context = document.createElement('canvas').getContext('webgl2');
    known = context !== null;
    context?.getExtension('WEBGL_lose_context')?.loseContext();
  } catch {
    known = false;
  }
  return known;
}
