// Whether the browser draws with WebGL 2; asked once. No import of three here: the page asks before
// it loads that.
let known: boolean | undefined;
let soft = false;

export function hasWebGl(): boolean {
  if (known !== undefined) return known;
  try {
    const context = document.createElement('canvas').getContext('webgl2');
    known = context !== null;
    if (context) soft = bySoftware(rendererOf(context));
    context?.getExtension('WEBGL_lose_context')?.loseContext();
  } catch {
    known = false;
  }
  return known;
}

// No graphics card draws, but the processor: each frame takes it from the page.
export const isSoftware = (): boolean => hasWebGl() && soft;

export const bySoftware = (renderer: string): boolean =>
  /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);

function rendererOf(context: WebGL2RenderingContext): string {
  const more = context.getExtension('WEBGL_debug_renderer_info');
  return String(context.getParameter(more ? more.UNMASKED_RENDERER_WEBGL : context.RENDERER));
}
