import { mixColours, parseColour } from '../model/colour';
import type { Surroundings } from './model';

// The colours around the scene. In the light scheme they are the scene's own, a little calmed; in
// the dark one it is dusk: the same works, so that a screen at night does not dazzle.
export interface Look {
  dark: boolean;
  sky: number;
  horizon: number; // of the fog and the background
  ground: number;
  grid: number;
  flat: number; // what all that lies flat is multiplied with
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
      ground: mixColours(ground, 0x343b41, 0.8), grid: mixColours(grid, 0x474f56, 0.85),
      flat: 0xa4aab0, sun: 0xe6ecf2, sunPower: power * 0.38, ambientSky: 0xb3bfca,
      ambientGround: 0x4a4c4e, ambientPower: 0.85, marks: 0xd9f0ff, accent: 0x6cb4d9,
    };
  const background = around.background ? parseColour(around.background) : lightHorizon;
  return {
    dark, sky: mixColours(background, 0xffffff, 0.35),
    horizon: mixColours(background, lightHorizon, 0.4),
    ground: mixColours(ground, 0xcfd4cf, 0.45), grid: mixColours(grid, 0xb9c0ba, 0.4),
    flat: 0xffffff,
    sun: 0xfff7ec, sunPower: power * 0.61, ambientSky: 0xe9f1f8, ambientGround: 0x9a978c,
    ambientPower: 0.9, marks: 0xffffff, accent: 0x1b7fb0,
  };
}
