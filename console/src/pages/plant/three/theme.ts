import { mixColours, parseColour } from '../model/colour';
import type { Surroundings } from './model';

// The colours around the scene. In the light scheme they are the scene's own, a little calmed; in
// the dark one it is dusk: the same works, so that a screen at night does not dazzle.
export interface Look {
  dark: boolean;
  sky: number;
  zenith: number; // of the sky that is seen
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

const darkHorizon = 0x222a31;
const lightHorizon = 0xe4eaee;

export function lookOf(dark: boolean, around: Surroundings): Look {
  const ground = parseColour(around.ground?.colour ?? '#b9c4ae');
  const grid = parseColour(around.grid?.colour ?? '#aab4a0');
  const power = Math.min(6, around.sun.intensity);
  if (dark)
    return {
      dark, sky: 0x2a333b, zenith: 0x0f1317, horizon: darkHorizon,
      ground: mixColours(ground, 0x2c3338, 0.84), grid: mixColours(grid, 0x424a51, 0.85),
      flat: 0x7f868d, sun: 0xe9eef5, sunPower: power * 0.56, ambientSky: 0xa9b8c6,
      ambientGround: 0x3c3f42, ambientPower: 0.72, marks: 0xd9f0ff, accent: 0x6cb4d9,
    };
  const background = around.background ? parseColour(around.background) : lightHorizon;
  return {
    dark, sky: mixColours(background, 0xffffff, 0.35),
    zenith: mixColours(background, 0xa9c0d1, 0.75),
    horizon: mixColours(background, lightHorizon, 0.4),
    ground: mixColours(ground, 0xcdd1cb, 0.62), grid: mixColours(grid, 0xb9bdb6, 0.6),
    flat: 0xffffff,
    sun: 0xfff7ec, sunPower: power * 0.61, ambientSky: 0xe9f1f8, ambientGround: 0x9a978c,
    ambientPower: 0.9, marks: 0xffffff, accent: 0x1b7fb0,
  };
}
