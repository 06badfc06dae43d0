import { Frustum, Matrix4, Scene as Objects, type MeshStandardMaterial, type Sphere } from 'three';
import type { Scene, SceneNode, Trouble, ValueSource } from '../contract';
import type { FormatContext } from '../model/format';
import { anchorsOf } from './anchors';
import { Assets } from './assets';
import { CameraMan } from './camera';
import { ballsOf, fitView, type Ball, type Margins } from './fit';
import { FlowMarks, lapseOf } from './flow';
import { Focus } from './focus';
import { Labels } from './labels';
import type { CameraLink, Pose } from './link';
import { detailFor } from './lod';
import { readModel, type Model } from './model';
import { Nodes } from './nodes';
import { Picker } from './picker';
import { Screen } from './screen';
import { Signs } from './signs';
import { Surroundings } from './surroundings';
import { Tape } from './tape';
import { lookOf } from './theme';
import { nextOf, type Walked } from './walk';
import { World, type Drawn } from './world';

export interface StageEvents {
  select: (id: string | null) => void;
  lost: (lost: boolean) => void;
}

const nearPixels = 9; // of a radius that can be told from its neighbours
const layEveryMs = 120;
const troubleEveryMs = 400;
// For labels above, and the legend's button below.
const free: Margins = { left: 0.06, right: 0.06, top: 0.2, bottom: 0.1 };

// The scene on a canvas. It owns all that is drawn; React tells it what has changed and takes no
// part in frames. A frame is drawn when something has changed or
// moves in view, and never in a hidden tab.
export class Stage {
  readonly model: Model;
  readonly man: CameraMan;
  readonly tape: Tape;
  private readonly screen: Screen;
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
  private readonly frustum = new Frustum();
  private readonly matrix = new Matrix4();
  private readonly balls: Ball[];
  private atHome = true;
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

  constructor(
    canvas: HTMLCanvasElement, over: HTMLElement, scene: Scene,
    private readonly events: StageEvents, set: () => 'si' | 'us',
  ) {
    this.screen = new Screen(canvas, this.frame, (lost) => this.onLost(lost),
      () => this.relight());
    const { renderer } = this.screen;
    this.model = readModel(scene);
    this.world = new World(this.model);
    this.flow = new FlowMarks(this.world.drawn);
    this.nodes = new Nodes(this.model, this.world, this.flow);
    this.around = new Surroundings(this.objects, this.model, this.world.bounds);
    const flat = this.world.batches.flat?.material;
    if (flat) this.around.fade(flat as MeshStandardMaterial);
    this.signs = new Signs(this.model.items, renderer);
    this.assets = new Assets(this.model.items, () => this.assetsCame());
    this.picker = new Picker(this.world, this.assets, this.around);
    this.tape = new Tape(over, set);
    this.man = new CameraMan(canvas, this.world.sphere.radius, this.wake);
    this.balls = ballsOf(this.world.drawn);
    this.screen.lightBy(this.around.sun);
    this.objects.add(this.world.group, this.assets.group, this.tape.group);
    this.focus = new Focus(this.world, this.assets, this.objects);
    if (this.flow.mesh) this.objects.add(this.flow.mesh);
    if (this.signs.mesh) this.objects.add(this.signs.mesh);
    for (const place of this.assets.places) {
      const state = this.nodes.byId.get(place.item.id);
      if (state) state.asset = place;
    }
    this.labels = new Labels(over, anchorsOf(this.model.items, this.world, this.assets,
      (item) => this.nodes.isShown(item)));
    this.man.controls.addEventListener('start', () => {
      this.atHome = false;
    });
    this.home(true);
  }

  private relight(): void {
    this.screen.lightBy(this.around.sun);
    this.lightAnew();
  }

  private lightAnew(): void {
    this.setScheme(this.dark);
    this.around.sun.shadow.needsUpdate = true;
  }

  private assetsCame(): void {
    this.around.sun.shadow.needsUpdate = true;
    this.wake();
  }

  readonly wake = (): void => this.screen.wake();

  setSource(source: ValueSource): void {
    this.stopSource();
    this.nodes.source = source;
    this.labels.source = source;
    this.news = true;
    this.stopSource = source.subscribe(() => {
      this.news = true;
      this.screen.wakeCalmly();
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
    this.around.apply(look, this.screen.renderer, this.screen.quality.level.shine);
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
    if (sphere && !this.inView(sphere)) this.fly(sphere);
  }

  private setHovered(id: string | null): void {
    if (id === this.focus.hovered) return;
    this.focus.hovered = id;
    this.labels.hovered = id;
    this.screen.canvas.style.cursor = this.tape.active ? 'crosshair' : id ? 'pointer' : '';
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

  private fly(sphere: Sphere): void {
    this.atHome = false;
    this.man.toSphere(sphere);
  }

  flyToNode(id: string): void {
    const sphere = this.focus.sphereOf(id);
    if (sphere) this.fly(sphere);
  }

  flyToView(id: string): void {
    const view = this.model.views.find((one) => one.id === id);
    if (!view) return;
    this.atHome = false;
    this.man.toView(view);
  }

  // All that has values, from where the scene's first view looks.
  home(atOnce?: boolean): void {
    const [first] = this.model.views;
    this.atHome = true;
    if (!first) this.man.toSphere(this.world.sphere, atOnce);
    else {
      const aspect = this.screen.width / this.screen.height;
      this.man.toView(fitView(first, this.balls, aspect, free), atOnce);
    }
  }

  orbit(across: number, up: number, zoom?: number): void {
    this.atHome = false;
    this.man.orbit(across, up, zoom);
  }

  setMeasure(active: boolean): void {
    this.tape.setActive(active);
    this.screen.canvas.style.cursor = active ? 'crosshair' : '';
    this.wake();
  }

  // A click at a place of the canvas, px.
  click(x: number, y: number): void {
    const [u, v] = this.screen.at(x, y);
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
    const [u, v] = this.screen.at(x, y);
    this.setHovered(this.labels.at(x, y) ?? this.picker.node(u, v, this.man.camera)?.id ?? null);
  }

  // The next or the previous piece of equipment for the keyboard, brought into view; null beyond
  // the last one.
  walk(by: -1 | 1): Walked | null {
    const list = this.model.items.filter((item) => item.selectable && item.bindings.length > 0
      && item.shape?.kind !== 'pipe' && this.nodes.isShown(item)
      && this.focus.sphereOf(item.id) !== null);
    const next = nextOf(list, this.focus.hovered ?? this.focus.selected, by);
    this.setHovered(next?.id ?? null);
    const sphere = next && this.focus.sphereOf(next.id);
    if (sphere && (!this.inView(sphere)
      || this.man.pixelsOf(sphere, this.screen.height) < nearPixels)) this.fly(sphere);
    return next;
  }

  get walked(): string | null {
    return this.focus.hovered;
  }

  leave(): void {
    this.setHovered(null);
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return;
    this.screen.resize(width, height);
    this.focus.resize(width, height);
    this.man.resize(width, height);
    this.labels.resize(width, height);
    if (this.atHome) this.home(true);
    this.relay();
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

  // True where the next one shall follow at once.
  private readonly frame = (now: number): boolean => {
    // A pause is no leap: what moves goes on from where it stood.
    const longest = Math.max(100, this.screen.quality.level.pauseMs * 1.5);
    const seconds = Math.min(longest, now - this.before) / 1000;
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
    this.screen.draw(this.objects, this.man.camera);
    if (moving || this.mustLay) this.wake();
    else if (animated || this.nodes.filling.size > 0) this.screen.wakeCalmly();
    return moving || animated;
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
    this.atHome = false;
    this.adopted = this.man.adopt(pose);
  }

  private readonly isInView = ({ sphere }: Drawn): boolean => this.frustum.intersectsSphere(sphere);

  private chooseDetails(): void {
    const { camera } = this.man;
    const pixels = this.screen.height / (2 * Math.tan((camera.fov * Math.PI) / 360));
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
    this.tape.follow(camera, this.screen.width, this.screen.height);
  }

  private onLost(lost: boolean): void {
    if (!lost) this.lightAnew(); // the sky and the shadows were textures
    this.events.lost(lost);
  }

  dispose(): void {
    this.stopSource();
    this.leaveLink();
    for (const one of [this.man, this.labels, this.tape, this.focus, this.signs,
      this.flow, this.assets, this.world, this.around, this.screen]) one.dispose();
  }
}
