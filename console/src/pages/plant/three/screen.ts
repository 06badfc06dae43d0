import {
  NoToneMapping, PCFShadowMap, WebGLRenderer, type Camera, type DirectionalLight, type Scene,
} from 'three';
import { Quality, type Level } from './quality';
import { isSoftware } from './support';

export interface StageCost { calls: number; triangles: number; ms: number; frames: number }

const sharpest = 2; // pixels drawn for one of the screen's
const pollMs = 20;
const restShare = 3; // of the time that a frame takes, where drawing is dear
const longestRestMs = 2000;

// The canvas, its renderer and how much is drawn on it; it asks for frames and says when the
// graphics card lets go.
export class Screen {
  readonly renderer: WebGLRenderer;
  readonly quality: Quality;
  readonly cost: StageCost = { calls: 0, triangles: 0, ms: 0, frames: 0 };
  width = 1;
  height = 1;
  private asked = 0;
  private later = 0;
  private drawn = 0; // when
  private fence: WebGLSync | null = null; // of a frame that is not on the screen yet
  private took = 0; // ms, the last frame that was waited for
  private gone = false;
  private ended = false;

  constructor(
    readonly canvas: HTMLCanvasElement, private readonly frame: (now: number) => boolean,
    private readonly lost: (lost: boolean) => void, private readonly relit: (on: boolean) => void,
  ) {
    // Whoever asks for all of it in the address gets it, whatever it costs.
    const full = new URLSearchParams(window.location.search).get('quality') === 'full';
    const software = isSoftware() && !full;
    this.renderer = new WebGLRenderer({
      canvas, antialias: !software, stencil: true, powerPreference: 'high-performance',
    });
    // The colours of states are those of the scene: no curve bends them.
    this.renderer.toneMapping = NoToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.info.autoReset = false;
    this.quality = new Quality((level) => this.apply(level),
      software ? 'least' : full ? 'full' : 'measured');
    canvas.addEventListener('webglcontextlost', this.onLost);
    canvas.addEventListener('webglcontextrestored', this.onRestored);
    document.addEventListener('visibilitychange', this.wake);
  }

  // Of the shadows: the sun belongs to the scene.
  lightBy(sun: DirectionalLight): void {
    sun.castShadow = this.quality.level.shadows;
  }

  private apply(level: Level): void {
    this.renderer.setPixelRatio(this.ratio);
    this.relit(level.shadows);
    this.wake();
  }

  private get ratio(): number {
    return Math.max(0.5, Math.min(sharpest, window.devicePixelRatio || 1)
      * this.quality.level.scale);
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.renderer.setPixelRatio(this.ratio);
    this.renderer.setSize(width, height, false);
  }

  // A place of the canvas, px, as WebGL counts: -1 to 1.
  at(x: number, y: number): [number, number] {
    return [(x / this.width) * 2 - 1, 1 - (y / this.height) * 2];
  }

  // A frame as soon as can be.
  readonly wake = (): void => {
    if (this.asked !== 0 || this.ended || this.gone || document.hidden) return;
    window.clearTimeout(this.later);
    this.later = 0;
    this.asked = requestAnimationFrame(this.step);
  };

  // A frame for what goes by itself: at once, or after a rest where drawing is dear.
  readonly wakeCalmly = (): void => {
    const { pauseMs } = this.quality.level;
    const pause = pauseMs && Math.min(longestRestMs, Math.max(pauseMs, this.took * restShare));
    const rest = this.drawn + pause - performance.now();
    if (rest <= 0) this.wake();
    else if (this.asked === 0 && this.later === 0)
      this.later = window.setTimeout(this.wake, rest);
  };

  private readonly step = (now: number): void => {
    this.asked = 0;
    if (this.ended || this.gone || this.width <= 1) return;
    if (!this.isThrough()) {
      this.later = window.setTimeout(this.wake, pollMs);
      return;
    }
    const begin = performance.now();
    const more = this.frame(now);
    this.drawn = performance.now();
    this.cost.ms = this.drawn - begin;
    this.quality.frame(now, more && this.asked !== 0);
  };

  // Whether the last frame is drawn. Where drawing is slow, frames would queue up for many seconds
  // otherwise, and the whole page waits behind them.
  private isThrough(): boolean {
    if (!this.fence) return true;
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    if (gl.getSyncParameter(this.fence, gl.SYNC_STATUS) !== gl.SIGNALED) return false;
    gl.deleteSync(this.fence);
    this.fence = null;
    this.took = performance.now() - this.drawn;
    return true;
  }

  draw(objects: Scene, camera: Camera): void {
    const { renderer, cost } = this;
    renderer.info.reset();
    renderer.render(objects, camera);
    cost.calls = renderer.info.render.calls;
    cost.triangles = renderer.info.render.triangles;
    cost.frames += 1;
    if (this.quality.level.pauseMs === 0) return;
    const gl = renderer.getContext() as WebGL2RenderingContext;
    this.fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
  }

  private readonly onLost = (event: Event): void => {
    event.preventDefault();
    this.gone = true;
    this.sleep();
    this.lost(true);
  };

  private readonly onRestored = (): void => {
    this.gone = false;
    this.fence = null;
    this.lost(false);
    this.wake();
  };

  private sleep(): void {
    cancelAnimationFrame(this.asked);
    window.clearTimeout(this.later);
    this.asked = 0;
    this.later = 0;
  }

  dispose(): void {
    this.ended = true;
    this.sleep();
    this.canvas.removeEventListener('webglcontextlost', this.onLost);
    this.canvas.removeEventListener('webglcontextrestored', this.onRestored);
    document.removeEventListener('visibilitychange', this.wake);
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}
