import { createCatalogue } from './catalogue.js';

describe('catalogue', () => {
  const catalogue = createCatalogue(7, 2_000);

  it('has as many tracks as asked, and artists with names of their own', () => {
    expect(catalogue.tracks).toHaveLength(2_000);
    expect(new Set(catalogue.tracks.map((track) => track.id)).size).toBe(2_000);
    expect(new Set(catalogue.artists.map((artist) => artist.name)).size).toBe(catalogue.artists.length);
  });

  it('has heavy-tailed artists and popularity', () => {
    const sizes = catalogue.byArtist.map((tracks) => tracks.length).sort((a, b) => b - a);
    expect(sizes[0]).toBeGreaterThan(8 * sizes[sizes.length >> 1]);
    const popularity = catalogue.tracks.map((track) => track.popularity).sort((a, b) => b - a);
    const total = popularity.reduce((sum, value) => sum + value, 0);
    const top = popularity.slice(0, 100).reduce((sum, value) => sum + value, 0);
    expect(top / total).toBeGreaterThan(0.25);
  });

  it('keeps attributes in their ranges, and leaves some unpublished', () => {
    const share = (value: number): boolean => value >= 0 && value <= 1;
    const outside = catalogue.tracks.filter(
      ({ sound, releaseYear }) =>
        !(sound.tempoBpm >= 56 && sound.tempoBpm <= 200 && sound.key >= 0 && sound.key <= 11 && releaseYear <= 2026) ||
        ![sound.energy, sound.loudness, sound.keyStrength].every(share),
    );
    expect(outside).toEqual([]);
    const missing = catalogue.tracks.filter((track) => !track.analysed).length / catalogue.tracks.length;
    expect(missing).toBeGreaterThan(0.1);
    expect(missing).toBeLessThan(0.35);
  });

  it('sounds like its genres: livelier music is louder and less dynamic', () => {
    const correlation = (a: (track: number) => number, b: (track: number) => number): number => {
      const n = catalogue.tracks.length;
      const mean = (f: (track: number) => number): number => catalogue.tracks.reduce((sum, _, i) => sum + f(i), 0) / n;
      const [ma, mb] = [mean(a), mean(b)];
      const [sa, sb] = [mean((i) => (a(i) - ma) ** 2), mean((i) => (b(i) - mb) ** 2)];
      return mean((i) => (a(i) - ma) * (b(i) - mb)) / Math.sqrt(sa * sb);
    };
    const energy = (i: number): number => catalogue.tracks[i].sound.energy;
    expect(correlation(energy, (i) => catalogue.tracks[i].sound.loudness)).toBeGreaterThan(0.4);
    expect(correlation(energy, (i) => catalogue.tracks[i].sound.dynamicComplexity)).toBeLessThan(-0.4);
  });

  it.each([0, -1, 1.5, 2_000_001])('refuses %p tracks', (size) => {
    expect(() => createCatalogue(7, size)).toThrow(/tracks: given .*allowed: a whole number from 1 to 2000000/);
  });
});
