import { camelotNumber, keyDistance } from './camelot.js';
import { energyStep, keyStep, tempoDistance, tempoStep, type Sound } from './transition.js';

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
});

describe('steps from one sound to the next', () => {
  const sound: Sound = { tempoLog2: 7, keyNumber: 8, mode: 1, energy: 0.5, loudness: -9 };

  it('agree with the distances of keys and modes', () => {
    for (let i = 0; i < 576; i++) {
      const [aKey, aMode, bKey, bMode] = [i % 12, Math.floor(i / 12) % 2, Math.floor(i / 24) % 12, Math.floor(i / 288)];
      const a = { ...sound, keyNumber: camelotNumber(aKey, aMode), mode: aMode };
      const b = { ...sound, keyNumber: camelotNumber(bKey, bMode), mode: bMode };
      expect(keyStep(a, b)).toBe(keyDistance(aKey, aMode, bKey, bMode));
    }
  });

  it('cost nothing where an attribute is missing', () => {
    const nothing: Sound = { tempoLog2: NaN, keyNumber: NaN, mode: NaN, energy: NaN, loudness: NaN };
    expect([tempoStep(sound, nothing), keyStep(nothing, sound), energyStep(sound, nothing)]).toEqual([0, 0, 0]);
  });

  it('go by loudness where a track has no energy', () => {
    expect(energyStep({ ...sound, energy: NaN }, { ...sound, loudness: -9.25 })).toBe(0.25);
    expect(energyStep({ ...sound, energy: NaN }, { ...sound, loudness: -60 })).toBe(1);
  });
});
