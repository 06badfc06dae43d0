import { mixColours, parseColour } from './look';
import type { Surroundings } from './model';

// The colours around the scene. In the light scheme they are the scene's own, a little calmed; in
// the dark one it is dusk: the same works, so that a screen at night does not dazzle.
export interface Look {
  dark: boolean;
  sky: number;
  horizon: number; // of the fog and the background
  ground: number;
  grid: number;
  sun: number;
  sunPower: number;
  ambientSky: number;
  ambientGround: number;
  ambientPower: number;
  marks: number; // of a flow
  accent: number; // of the selection
}

const darkHorizon = 0x161b20;
const lightHorizon = 0xe4eaee;

export function lookOf(dark: boolean, around: Surroundings): Look {
  const ground = parseColour(around.ground?.colour ?? '#b9c4ae');
  const grid = parseColour(around.grid?.colour ?? '#aab4a0');
  const power = Math.min(6, around.sun.intensity);
  if (dark)
    return {
      dark, sky: 0x1d242b, horizon: darkHorizon,
      ground: mixColours(mixColours(ground, 0x4a5258, 0.55), darkHorizon, 0.42),
      grid: mixColours(mixColours(grid, 0x59636b, 0.5), darkHorizon, 0.3),
      sun: 0xdfe8f2, sunPower: power * 0.42, ambientSky: 0x9fb3c6, ambientGround: 0x3b4046,
      ambientPower: 0.95, marks: 0xd9f0ff, accent: 0x6cb4d9,
    };
  const background = around.background ? parseColour(around.background) : lightHorizon;
  return {
    dark, sky: mixColours(background, 0xffffff, 0.35), horizon: mixColours(background, lightHorizon, 0.4),
    ground: mixColours(ground, 0xcfd4cf, 0.45), grid: mixColours(grid, 0xb9c0ba, 0.4),
    sun: 0xfff4e4, sunPower: power * 0.72, ambientSky: 0xf2f6fa, ambientGround: 0xa9a79c,
    ambientPower: 1.5, marks: 0xffffff, accent: 0x1b7fb0,
  };
}
