import { camelotNumber, keyCode, keyDistance, keySteps } from './camelot.js';
import { tempoDistance } from './transition.js';

describe('tempoDistance', () => {
  it('matches half and double time', () => {
    expect(tempoDistance(70, 140)).toBeCloseTo(0);
    expect(tempoDistance(140, 70)).toBeCloseTo(0);
  });

  it('is largest between two octaves', () => {
    expect(tempoDistance(100, 100 * Math.SQRT2)).toBeCloseTo(0.5);
  });

  it('is missing when a tempo is', () => {
    expect(tempoDistance(NaN, 120)).toBeNaN();
  });
});

describe('the Camelot wheel', () => {
  it.each([
    ['C major', 0, 1, 8],
    ['G major', 7, 1, 9],
    ['A minor', 9, 0, 8],
    ['E minor', 4, 0, 9],
    ['F major', 5, 1, 7],
    ['F sharp minor', 6, 0, 11],
    ['B major', 11, 1, 1],
  ])('places %s', (_name, key, mode, number) => {
    expect(camelotNumber(key, mode)).toBe(number);
  });

  it('puts a key and its relative minor one step apart', () => {
    expect(keyDistance(0, 1, 9, 0)).toBe(1);
  });

  it('goes round the shorter way', () => {
    expect(keyDistance(11, 1, 4, 1)).toBe(1);
  });

  it('looks up the distance of any two keys', () => {
    for (let i = 0; i < 576; i++) {
      const [aKey, aMode, bKey, bMode] = [i % 12, Math.floor(i / 12) % 2, Math.floor(i / 24) % 12, Math.floor(i / 288)];
      expect(keySteps(keyCode(aKey, aMode), keyCode(bKey, bMode))).toBe(keyDistance(aKey, aMode, bKey, bMode));
    }
    expect(keySteps(keyCode(NaN, 1), keyCode(0, 1))).toBeNaN();
    expect(keySteps(keyCode(0, 1), keyCode(0, NaN))).toBeNaN();
  });
});
