import {
  BackSide, Box3, Color, DirectionalLight, Fog, HemisphereLight, Mesh,
  MeshBasicMaterial, MeshStandardMaterial, PlaneGeometry, PMREMGenerator, Scene, ShaderMaterial,
  SphereGeometry, Vector3, Vector4, type Texture, type WebGLRenderer,
} from 'three';
import { sunDirection, type Model } from './model';
import type { Look } from './theme';

// Light, ground and distance.
export class Surroundings {
  readonly sun = new DirectionalLight();
  private readonly ambient = new HemisphereLight();
  private readonly fog = new Fog(0, 1, 2);
  private ground: Mesh | null = null;
  private readonly gridColour = { value: new Color() };
  private readonly edge = { value: new Vector4(0, 0, 1, 1) };
  private readonly lit = new Vector4(0, 0, 0, -1); // what the shadows are drawn for
  private environment: Texture | null = null;
  private readonly sky = skyDome();

  constructor(
    private readonly scene: Scene, private readonly model: Model, private readonly bounds: Box3,
  ) {
    scene.add(this.ambient, this.sun, this.sun.target, this.sky);
    scene.fog = this.fog;
    this.sun.castShadow = true;
    const { shadow } = this.sun;
    shadow.mapSize.set(2048, 2048);
    shadow.radius = 2.5;
    shadow.intensity = 0.9;
    shadow.autoUpdate = false;
    if (model.around.ground) this.makeGround();
  }

  // The shadows are as fine as what one looks at needs: around the target, as far as one stands
  // away.
  private placeSun(target: Vector3, distance: number): void {
    const whole = Math.max(5, this.bounds.getSize(new Vector3()).length() / 2);
    const wanted = Math.min(whole, Math.max(14, distance * 1.15));
    const radius = Math.min(whole, 2 ** (Math.ceil(Math.log2(wanted) * 2) / 2));
    const step = radius / 4;
    const middle = radius === whole ? this.bounds.getCenter(new Vector3())
      : target.clone().divideScalar(step).round().multiplyScalar(step);
    if (radius === this.lit.w && middle.x === this.lit.x && middle.y === this.lit.y
      && middle.z === this.lit.z) return;
    this.lit.set(middle.x, middle.y, middle.z, radius);
    const { azimuth, elevation } = this.model.around.sun;
    this.sun.target.position.copy(middle);
    this.sun.position.set(...sunDirection(azimuth, elevation)).multiplyScalar(whole * 2)
      .add(middle);
    const { shadow } = this.sun;
    Object.assign(shadow.camera, {
      left: -radius, right: radius, top: radius, bottom: -radius, near: whole * 0.4,
      far: whole * 2 + radius * 2,
    });
    shadow.camera.updateProjectionMatrix();
    shadow.bias = -0.06 / (shadow.camera.far - shadow.camera.near);
    shadow.normalBias = (radius / 1024) * 0.9;
    shadow.needsUpdate = true;
  }

  private makeGround(): void {
    const { ground, grid } = this.model.around;
    if (!ground) return;
    const size = this.bounds.getSize(new Vector3());
    const middle = ground.size ? new Vector3() : this.bounds.getCenter(new Vector3());
    const [width, depth] = ground.size ?? [size.x * 1.8 + 40, size.z * 1.8 + 40];
    this.edge.value.set(middle.x, middle.z, width / 2, depth / 2);
    const geometry = new PlaneGeometry(width, depth).rotateX(-Math.PI / 2);
    const material = new MeshStandardMaterial({ roughness: 1, envMapIntensity: 0.4 });
    this.fade(material, grid?.step ?? 0);
    this.ground = new Mesh(geometry, material);
    this.ground.position.set(middle.x, ground.level - 0.01, middle.z);
    this.ground.receiveShadow = true;
    this.ground.renderOrder = -5;
    this.scene.add(this.ground);
  }

  // What lies flat fades out at the ground's edge. The grid is drawn by the shader, which knows how
  // far apart lines must be not to shimmer.
  fade(material: MeshStandardMaterial, gridStep = 0): void {
    if (!this.model.around.ground) return;
    material.transparent = true;
    const before = material.onBeforeCompile;
    material.onBeforeCompile = (shader, renderer) => {
      before.call(material, shader, renderer);
      Object.assign(shader.uniforms, {
        edge: this.edge, gridColour: this.gridColour, gridStep: { value: gridStep },
      });
      shader.vertexShader = shader.vertexShader
        .replace('#include <common>', '#include <common>\nvarying vec2 vLand;')
        .replace('#include <fog_vertex>', `#include <fog_vertex>
          vec4 land = vec4(transformed, 1.0);
          #ifdef USE_BATCHING
            land = batchingMatrix * land;
          #endif
          vLand = (modelMatrix * land).xz;`);
      shader.fragmentShader = shader.fragmentShader
        .replace('#include <common>', `#include <common>
          varying vec2 vLand; uniform vec4 edge; uniform vec3 gridColour; uniform float gridStep;`)
        .replace('#include <color_fragment>', `#include <color_fragment>
          vec2 out2 = abs(vLand - edge.xy) / edge.zw;
          diffuseColor.a *= 1.0 - smoothstep(0.72, 1.0, max(out2.x, out2.y));
          if (gridStep > 0.0) {
            vec2 cell = vLand / gridStep;
            vec2 wide = fwidth(cell);
            vec2 line = 1.0 - smoothstep(wide * 0.3, wide * 1.1, abs(fract(cell - 0.5) - 0.5));
            float near = 1.0 - smoothstep(0.1, 0.4, max(wide.x, wide.y));
            diffuseColor.rgb = mix(diffuseColor.rgb, gridColour, max(line.x, line.y) * near * 0.6);
          }`);
    };
  }

  // Where the measuring tape ends when it meets nothing else.
  get groundMesh(): Mesh | null {
    return this.ground;
  }

  // Without `shine` nothing reflects the sky, which is dear for every pixel.
  apply(look: Look, renderer: WebGLRenderer, shine: boolean): void {
    this.scene.background = new Color(look.horizon);
    const { uniforms } = this.sky.material as ShaderMaterial;
    uniforms.horizon?.value.setHex(look.horizon);
    uniforms.sky?.value.setHex(look.zenith);
    this.fog.color.setHex(look.horizon);
    this.ambient.color.setHex(look.ambientSky);
    this.ambient.groundColor.setHex(look.ambientGround);
    this.ambient.intensity = look.ambientPower * (shine ? 1 : 1.3);
    this.sun.color.setHex(look.sun);
    this.sun.intensity = look.sunPower;
    (this.ground?.material as MeshStandardMaterial | undefined)?.color.setHex(look.ground);
    this.gridColour.value.setHex(look.grid);
    this.environment?.dispose();
    this.environment = shine ? skyTexture(look, renderer) : null;
    this.scene.environment = this.environment;
    this.scene.environmentIntensity = look.dark ? 0.45 : 0.55;
  }

  // The fog begins behind what one looks at, however far away one is.
  follow(target: Vector3, distance: number): void {
    this.placeSun(target, distance);
    const radius = Math.max(30, this.bounds.getSize(new Vector3()).length() / 2);
    this.fog.near = distance + radius * 0.7;
    this.fog.far = distance * 1.6 + radius * 3.4;
  }

  dispose(): void {
    this.environment?.dispose();
    this.sky.geometry.dispose();
    (this.sky.material as ShaderMaterial).dispose();
    this.ground?.geometry.dispose();
    (this.ground?.material as MeshStandardMaterial | undefined)?.dispose();
    this.sun.dispose();
  }
}

// The sky behind all: paler towards the horizon, whose colour the fog has.
function skyDome(): Mesh {
  const material = new ShaderMaterial({
    side: BackSide, depthTest: false, depthWrite: false,
    uniforms: { sky: { value: new Color() }, horizon: { value: new Color() } },
    // As far as can be, wherever one stands.
    vertexShader: 'varying vec3 vWay; void main() { vWay = position; gl_Position = ' +
      '(projectionMatrix * vec4(mat3(viewMatrix) * position, 1.0)).xyww; }',
    fragmentShader: 'uniform vec3 sky; uniform vec3 horizon; varying vec3 vWay; void main() { ' +
      'float up = max(0.0, normalize(vWay).y); gl_FragColor = vec4(mix(horizon, sky, ' +
      'smoothstep(0.0, 0.55, up)), 1.0);\n#include <colorspace_fragment>\n}',
  });
  const mesh = new Mesh(new SphereGeometry(10, 32, 16), material);
  mesh.frustumCulled = false;
  mesh.renderOrder = -10;
  return mesh;
}

// What shiny things reflect: a sky that grows paler towards the horizon, and the ground.
function skyTexture(look: Look, renderer: WebGLRenderer): Texture {
  const scene = new Scene();
  const geometry = new SphereGeometry(10, 24, 12);
  const material = new ShaderMaterial({
    side: BackSide,
    uniforms: {
      sky: { value: new Color(look.sky) }, horizon: { value: new Color(look.horizon) },
      ground: { value: new Color(look.ground) },
    },
    vertexShader: 'varying float vUp; void main() { vUp = normalize(position).y; ' +
      'gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }',
    fragmentShader: 'uniform vec3 sky; uniform vec3 horizon; uniform vec3 ground; ' +
      'varying float vUp; void main() { vec3 c = vUp > 0.0 ? mix(horizon, sky, sqrt(vUp)) : ' +
      'mix(horizon, ground, min(1.0, -vUp * 4.0)); gl_FragColor = vec4(c, 1.0); }',
  });
  const lamp = new Mesh(new SphereGeometry(1.6, 12, 8),
    new MeshBasicMaterial({ color: new Color(look.sun).multiplyScalar(look.dark ? 1.5 : 4) }));
  lamp.position.set(-4, 7, -3);
  scene.add(new Mesh(geometry, material), lamp);
  const maker = new PMREMGenerator(renderer);
  const { texture } = maker.fromScene(scene, 0.06);
  maker.dispose();
  geometry.dispose();
  material.dispose();
  lamp.geometry.dispose();
  (lamp.material as MeshBasicMaterial).dispose();
  return texture;
}
