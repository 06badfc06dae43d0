import {
  BackSide, Box3, BufferAttribute, Color, DirectionalLight, Fog, HemisphereLight, Mesh,
  MeshBasicMaterial, MeshStandardMaterial, PlaneGeometry, PMREMGenerator, Scene, ShaderMaterial,
  SphereGeometry, Vector3, type Texture, type WebGLRenderer,
} from 'three';
import { sunDirection, type Model } from './model';
import type { Look } from './theme';

// Light, ground and distance. The ground fades out at its edge; its grid is drawn by the shader,
// which knows how far apart lines must be not to shimmer.
export class Surroundings {
  readonly sun = new DirectionalLight();
  private readonly ambient = new HemisphereLight();
  private readonly fog = new Fog(0, 1, 2);
  private ground: Mesh | null = null;
  private readonly gridColour = { value: new Color() };
  private environment: Texture | null = null;

  constructor(
    private readonly scene: Scene, private readonly model: Model, private readonly bounds: Box3,
  ) {
    scene.add(this.ambient, this.sun, this.sun.target);
    scene.fog = this.fog;
    this.placeSun();
    if (model.around.ground) this.makeGround();
  }

  private placeSun(): void {
    const { azimuth, elevation } = this.model.around.sun;
    const middle = this.bounds.getCenter(new Vector3());
    const radius = Math.max(5, this.bounds.getSize(new Vector3()).length() / 2);
    this.sun.target.position.copy(middle);
    this.sun.position.set(...sunDirection(azimuth, elevation)).multiplyScalar(radius * 2).add(middle);
    this.sun.castShadow = true;
    const { shadow } = this.sun;
    shadow.mapSize.set(4096, 4096);
    Object.assign(shadow.camera, {
      left: -radius, right: radius, top: radius, bottom: -radius, near: radius * 0.5,
      far: radius * 3.5,
    });
    shadow.camera.updateProjectionMatrix();
    shadow.bias = -0.0004;
    shadow.normalBias = (radius / 2048) * 1.6;
    shadow.radius = 3.5;
    shadow.intensity = 0.72;
    shadow.autoUpdate = false;
    shadow.needsUpdate = true;
  }

  private makeGround(): void {
    const { ground, grid } = this.model.around;
    if (!ground) return;
    const size = this.bounds.getSize(new Vector3());
    const [width, depth] = ground.size ?? [size.x * 1.8 + 40, size.z * 1.8 + 40];
    const middle = ground.size ? new Vector3() : this.bounds.getCenter(new Vector3());
    const geometry = new PlaneGeometry(width * 1.5, depth * 1.5, 6, 6).rotateX(-Math.PI / 2);
    const at = geometry.getAttribute('position');
    const colours = new Float32Array(at.count * 4).fill(1);
    for (let i = 0; i < at.count; i += 1) {
      const edge = Math.max(Math.abs(at.getX(i)) / width, Math.abs(at.getZ(i)) / depth);
      colours[4 * i + 3] = edge > 0.7 ? 0 : 1;
    }
    geometry.setAttribute('color', new BufferAttribute(colours, 4));
    const material = new MeshStandardMaterial({
      roughness: 1, transparent: true, vertexColors: true, envMapIntensity: 0.4,
    });
    material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, {
        gridColour: this.gridColour, gridStep: { value: grid?.step ?? 0 },
      });
      shader.vertexShader = shader.vertexShader
        .replace('#include <common>', '#include <common>\nvarying vec2 vGround;')
        .replace('#include <begin_vertex>', '#include <begin_vertex>\nvGround = position.xz;');
      shader.fragmentShader = shader.fragmentShader
        .replace('#include <common>', `#include <common>
          varying vec2 vGround; uniform vec3 gridColour; uniform float gridStep;`)
        .replace('#include <color_fragment>', `#include <color_fragment>
          if (gridStep > 0.0) {
            vec2 cell = vGround / gridStep;
            vec2 wide = fwidth(cell);
            vec2 line = 1.0 - smoothstep(wide * 0.4, wide * 1.4, abs(fract(cell - 0.5) - 0.5));
            float near = 1.0 - smoothstep(0.15, 0.5, max(wide.x, wide.y));
            diffuseColor.rgb = mix(diffuseColor.rgb, gridColour, max(line.x, line.y) * near * 0.7);
          }`);
    };
    this.ground = new Mesh(geometry, material);
    this.ground.position.set(middle.x, ground.level - 0.01, middle.z);
    this.ground.receiveShadow = true;
    this.ground.renderOrder = -5;
    this.scene.add(this.ground);
  }

  // Where a ray of the measuring tape ends when it hits nothing else.
  get level(): number {
    return this.model.around.ground?.level ?? 0;
  }

  get groundMesh(): Mesh | null {
    return this.ground;
  }

  apply(look: Look, renderer: WebGLRenderer): void {
    this.scene.background = new Color(look.horizon);
    this.fog.color.setHex(look.horizon);
    this.ambient.color.setHex(look.ambientSky);
    this.ambient.groundColor.setHex(look.ambientGround);
    this.ambient.intensity = look.ambientPower;
    this.sun.color.setHex(look.sun);
    this.sun.intensity = look.sunPower;
    (this.ground?.material as MeshStandardMaterial | undefined)?.color.setHex(look.ground);
    this.gridColour.value.setHex(look.grid);
    this.environment?.dispose();
    this.environment = skyTexture(look, renderer);
    this.scene.environment = this.environment;
    this.scene.environmentIntensity = look.dark ? 0.5 : 0.75;
  }

  // The fog begins behind what one looks at, however far away one is.
  follow(distance: number): void {
    const radius = Math.max(30, this.bounds.getSize(new Vector3()).length() / 2);
    this.fog.near = distance + radius * 0.7;
    this.fog.far = distance * 1.6 + radius * 3.4;
  }

  dispose(): void {
    this.environment?.dispose();
    this.ground?.geometry.dispose();
    (this.ground?.material as MeshStandardMaterial | undefined)?.dispose();
    this.sun.dispose();
  }
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
