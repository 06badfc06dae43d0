import {
  Frustum, Matrix4, NoToneMapping, PCFShadowMap, Scene as Objects, WebGLRenderer,
  type MeshStandardMaterial, type Sphere,
} from 'three';
import type { Scene, SceneNode, Trouble, ValueSource } from '../contract';
import type { FormatContext } from '../model/format';
import { Assets } from './assets';
import { CameraMan } from './camera';
import { FlowMarks, lapseOf } from './flow';
import { Focus } from './focus';
import { Labels, type Anchor } from './labels';
import type { CameraLink, Pose } from './link';
import { detailFor } from './lod';
import { readModel, type Model } from './model';
import { Nodes } from './nodes';
import { Pace } from './pace';
import { Picker } from './picker';
import { Signs } from './signs';
import { Surroundings } from './surroundings';
import { Tape } from './tape';
import { lookOf } from './theme';
import { World, type Drawn } from './world';

export interface StageEvents {
  select: (id: string | null) => void;
  lost: (lost: boolean) => void;
}

export interface StageCost { calls: number; triangles: number; ms: number; frames: number }

const layEveryMs = 120;
const troubleEveryMs = 400;
const nearPixels = 9; // of a radius that can be told from its neighbours

// The scene on a canvas. It owns the renderer, the frame loop and all that is drawn; React tells it
// what has changed and takes no part in frames. A frame is drawn when something has changed or
// moves in view, and never in a hidden tab.
export class Stage {
  readonly model: Model;
  readonly man: CameraMan;
  readonly tape: Tape;
  readonly cost: StageCost = { calls: 0, triangles: 0, ms: 0, frames: 0 };
  private readonly renderer: WebGLRenderer;
  private readonly objects = new Objects();
  private readonly world: World;
  private readonly flow: FlowMarks;
  private readonly nodes: Nodes;
  private readonly around: Surroundings;
  private readonly signs: Signs;
  private readonly labels: Labels;
  private readonly assets: Assets;
  private readonly picker: Picker;
  private readonly focus: Focus;
  private readonly pace: Pace;
  private readonly frustum = new Frustum();
  private readonly matrix = new Matrix4();
  private width = 1;
  private height = 1;
  private asked = 0;
  private before = 0;
  private laid = 0;
  private mustLay = true;
  private news = true;
  private troubleAt = 0;
  private accent = 0x6cb4d9;
  private stopSource: () => void = () => undefined;
  private dark = true;
  private link: CameraLink | null = null;
  private leaveLink: () => void = () => undefined;
  private adopted = false;
  private ended = false;
  private lost = false;

  constructor(
    private readonly canvas: HTMLCanvasElement, over: HTMLElement, scene: Scene,
    private readonly events: StageEvents, set: () => 'si' | 'us',
  ) {
    this.renderer = new WebGLRenderer({
      canvas, antialias: true, stencil: true, powerPreference: 'high-performance',
    });
    // The colours of states are those of the scene: no curve bends them.
    this.renderer.toneMapping = NoToneMapping;
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.info.autoReset = false;
    this.model = readModel(scene);
    this.world = new World(this.model);
    this.flow = new FlowMarks(this.world.drawn);
    this.nodes = new Nodes(this.model, this.world, this.flow);
    this.around = new Surroundings(this.objects, this.model, this.world.bounds);
    const flat = this.world.batches.flat?.material;
    if (flat) this.around.fade(flat as MeshStandardMaterial);
    this.signs = new Signs(this.model.items, this.renderer);
    this.assets = new Assets(this.model.items, () => this.assetsCame());
    this.picker = new Picker(this.world, this.assets, this.around);
    this.tape = new Tape(over, set);
    this.man = new CameraMan(canvas, this.world.sphere.radius, this.wake);
    this.pace = new Pace((ratio) => this.setRatio(ratio));
    this.objects.add(this.world.group, this.assets.group, this.tape.group);
    this.focus = new Focus(this.world, this.assets, this.objects);
    if (this.flow.mesh) this.objects.add(this.flow.mesh);
    if (this.signs.mesh) this.objects.add(this.signs.mesh);
    for (const place of this.assets.places) {
      const state = this.nodes.byId.get(place.item.id);
      if (state) state.asset = place;
    }
    this.labels = new Labels(over, this.anchors());
    canvas.addEventListener('webglcontextlost', this.onLost);
    canvas.addEventListener('webglcontextrestored', this.onRestored);
    document.addEventListener('visibilitychange', this.wake);
    const [first] = this.model.views;
    if (first) this.man.toView(first, true);
    else this.man.toSphere(this.world.sphere, true);
  }

  private anchors(): Anchor[] {
    return this.model.items.flatMap((item): Anchor[] => {
      const drawn = this.world.byItem.get(item.id);
      if (!drawn) {
        const place = this.assets.places.find((one) => one.item === item);
        return place ? [{
          item, at: place.sphere.center, radius: 2, shown: () => this.nodes.isShown(item),
        }] : [];
      }
      return [{
        item, at: drawn.anchor, radius: drawn.sphere.radius,
        shown: () => drawn.shown && item.visible,
      }];
    });
  }

  private assetsCame(): void {
    this.around.sun.shadow.needsUpdate = true;
    this.wake();
  }

  readonly wake = (): void => {
    if (this.asked === 0 && !this.ended && !this.lost && !document.hidden)
      this.asked = requestAnimationFrame(this.frame);
  };

  setSource(source: ValueSource): void {
    this.stopSource();
    this.nodes.source = source;
    this.labels.source = source;
    this.news = true;
    this.stopSource = source.subscribe(() => {
      this.news = true;
      this.wake();
    });
    this.wake();
  }

  setTrouble(trouble: (node: SceneNode) => Trouble | undefined): void {
    this.labels.trouble = trouble;
    this.troubleAt = 0;
    this.news = true;
    this.wake();
  }

  setContext(context: FormatContext): void {
    this.labels.context = context;
    this.labels.forget();
    this.relay();
  }

  setScheme(dark: boolean): void {
    this.dark = dark;
    const look = lookOf(dark, this.model.around);
    this.around.apply(look, this.renderer);
    const flat = this.world.batches.flat?.material as MeshStandardMaterial | undefined;
    flat?.color.setHex(look.flat);
    this.flow.setColour(look.marks);
    this.signs.apply(dark);
    this.tape.setColour(look.accent);
    this.accent = look.accent;
    this.outline();
    this.wake();
  }

  setCalm(calm: boolean): void {
    this.man.setCalm(calm);
    this.wake();
  }

  setHidden(layers: ReadonlySet<string>): void {
    if (this.nodes.hide(layers)) this.around.sun.shadow.needsUpdate = true;
    this.signs.show((item) => this.nodes.isShown(item));
    this.relay();
  }

  setSelected(id: string | null): void {
    this.focus.selected = id;
    this.labels.selected = id;
    this.outline();
    this.relay();
    // What is chosen elsewhere, in the table say, is brought into view.
    const sphere = id === null ? null : this.focus.sphereOf(id);
    if (sphere && !this.inView(sphere)) this.man.toSphere(sphere);
  }

  private setHovered(id: string | null): void {
    if (id === this.focus.hovered) return;
    this.focus.hovered = id;
    this.labels.hovered = id;
    this.canvas.style.cursor = this.tape.active ? 'crosshair' : id ? 'pointer' : '';
    this.outline();
    this.relay();
  }

  private outline(): void {
    this.focus.draw(this.accent);
  }

  private inView(sphere: Sphere): boolean {
    this.readFrustum();
    return this.frustum.intersectsSphere(sphere);
  }

  flyToNode(id: string): void {
    const sphere = this.focus.sphereOf(id);
    if (sphere) this.man.toSphere(sphere);
  }

  flyToView(id: string): void {
    const view = this.model.views.find((one) => one.id === id);
    if (view) this.man.toView(view);
  }

  home(): void {
    const [first] = this.model.views;
    if (first) this.man.toView(first);
    else this.man.toSphere(this.world.sphere);
  }

  setMeasure(active: boolean): void {
    this.tape.setActive(active);
    this.canvas.style.cursor = active ? 'crosshair' : '';
    this.wake();
  }

  // A click at a place of the canvas, px.
  click(x: number, y: number): void {
    const [u, v] = [(x / this.width) * 2 - 1, 1 - (y / this.height) * 2];
    if (this.tape.active) {
      const point = this.picker.point(u, v, this.man.camera);
      if (point) this.tape.add(point);
      this.wake();
      return;
    }
    const byLabel = this.labels.at(x, y);
    this.events.select(byLabel ?? this.picker.node(u, v, this.man.camera)?.id ?? null);
  }

  point(x: number, y: number): void {
    if (this.man.flying || this.tape.active) return;
    const [u, v] = [(x / this.width) * 2 - 1, 1 - (y / this.height) * 2];
    this.setHovered(this.labels.at(x, y) ?? this.picker.node(u, v, this.man.camera)?.id ?? null);
  }

  // The next or the previous piece of equipment for the keyboard, brought into view; null beyond
  // the last one.
  walk(by: -1 | 1): { id: string; name: string; place: number; count: number } | null {
    const list = this.model.items.filter((item) => item.selectable && item.bindings.length > 0
      && item.shape?.kind !== 'pipe' && this.nodes.isShown(item)
      && this.focus.sphereOf(item.id) !== null);
    const from = this.focus.hovered ?? this.focus.selected;
    const at = list.findIndex(({ id }) => id === from);
    const next = at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by;
    const item = list[next];
    this.setHovered(item?.id ?? null);
    if (!item) return null;
    const sphere = this.focus.sphereOf(item.id);
    const pixels = this.height / (2 * Math.tan((this.man.camera.fov * Math.PI) / 360));
    if (sphere && (!this.inView(sphere) || (sphere.radius * pixels)
      / this.man.camera.position.distanceTo(sphere.center) < nearPixels)) this.man.toSphere(sphere);
    return { id: item.id, name: item.name, place: next + 1, count: list.length };
  }

  get walked(): string | null {
    return this.focus.hovered;
  }

  leave(): void {
    this.setHovered(null);
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return;
    this.width = width;
    this.height = height;
    this.renderer.setSize(width, height, false);
    this.focus.resize(width, height);
    this.man.resize(width, height);
    this.labels.resize(width, height);
    this.setRatio(this.pace.ratio);
    this.relay();
  }

  private setRatio(ratio: number): void {
    this.renderer.setPixelRatio(ratio);
    this.wake();
  }

  private relay(): void {
    this.mustLay = true;
    this.wake();
  }

  private readFrustum(): void {
    const { camera } = this.man;
    this.matrix.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    this.frustum.setFromProjectionMatrix(this.matrix);
  }

  private readonly frame = (now: number): void => {
    this.asked = 0;
    if (this.ended || this.lost || this.width <= 1) return;
    const begin = performance.now();
    // A pause is no leap: what moves goes on from where it stood.
    const seconds = Math.min(0.1, (now - this.before) / 1000);
    this.before = now;
    const moving = this.man.step(now);
    // What one was told is not told back.
    if (moving && !this.adopted) this.link?.tell(this, this.man.pose);
    this.adopted = false;
    if (moving || this.mustLay) {
      this.chooseDetails();
      this.around.follow(this.man.controls.target, this.man.distance);
    }
    if (this.news) this.takeNews(now);
    const animated = this.animate(seconds);
    this.layOrFollow(now, moving);
    this.draw();
    const more = moving || animated || this.nodes.filling.size > 0 || this.mustLay;
    this.cost.ms = performance.now() - begin;
    this.pace.frame(now, more);
    if (more) this.wake();
  };

  private takeNews(now: number): void {
    this.news = false;
    const { shadows } = this.nodes.take(this.man.calm);
    if (shadows) {
      this.around.sun.shadow.needsUpdate = true;
      this.mustLay = true;
    }
    this.labels.takeValues();
    if (now - this.troubleAt < troubleEveryMs) return;
    this.troubleAt = now;
    if (this.labels.lookForTrouble()) this.mustLay = true;
  }

  private animate(seconds: number): boolean {
    this.nodes.moveWater(seconds);
    if (this.man.calm) return false;
    this.readFrustum();
    const turning = this.nodes.turnRotors(seconds, this.isInView);
    const flowing = this.flow.anyMoves(this.isInView);
    if (flowing) this.flow.move(seconds, lapseOf(this.man.distance));
    return turning || flowing;
  }

  // Looks from where others of the link do, and takes them along.
  setLink(link: CameraLink | null): void {
    this.leaveLink();
    this.link = link;
    this.leaveLink = link?.join(this) ?? (() => undefined);
  }

  adopt(pose: Pose): void {
    this.adopted = this.man.adopt(pose);
  }

  private readonly isInView = ({ sphere }: Drawn): boolean => this.frustum.intersectsSphere(sphere);

  private chooseDetails(): void {
    const { camera } = this.man;
    const pixels = this.height / (2 * Math.tan((camera.fov * Math.PI) / 360));
    for (const drawn of this.world.drawn) {
      const detail = detailFor(drawn.sphere.radius, camera.position.distanceTo(drawn.sphere.center),
        pixels, drawn.detail);
      if (detail === drawn.detail) continue;
      // What comes into sight throws a shadow from now on.
      if (drawn.detail < 0) this.around.sun.shadow.needsUpdate = true;
      this.world.show(drawn, drawn.shown, detail);
    }
  }

  private layOrFollow(now: number, moving: boolean): void {
    const { camera } = this.man;
    if (this.mustLay || (moving && now - this.laid > layEveryMs)) {
      this.labels.lay(camera);
      this.laid = now;
      // Once more when it has come to rest.
      this.mustLay = moving;
    } else if (moving) {
      this.labels.follow(camera);
      this.mustLay = true;
    }
    this.tape.follow(camera, this.width, this.height);
  }

  private draw(): void {
    const { renderer, cost } = this;
    renderer.info.reset();
    renderer.render(this.objects, this.man.camera);
    cost.calls = renderer.info.render.calls;
    cost.triangles = renderer.info.render.triangles;
    cost.frames += 1;
  }

  private readonly onLost = (event: Event): void => {
    event.preventDefault();
    this.lost = true;
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    this.events.lost(true);
  };

  private readonly onRestored = (): void => {
    this.lost = false;
    // What was drawn into textures is gone: the sky and the shadows.
    this.setScheme(this.dark);
    this.around.sun.shadow.needsUpdate = true;
    this.events.lost(false);
    this.wake();
  };

  dispose(): void {
    this.ended = true;
    cancelAnimationFrame(this.asked);
    this.stopSource();
    this.leaveLink();
    this.canvas.removeEventListener('webglcontextlost', this.onLost);
    this.canvas.removeEventListener('webglcontextrestored', this.onRestored);
    document.removeEventListener('visibilitychange', this.wake);
    for (const one of [this.man, this.labels, this.tape, this.focus, this.signs,
      this.flow, this.assets, this.world, this.around]) one.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}
