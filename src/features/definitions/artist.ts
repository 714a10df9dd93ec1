/** How long ago the artist was heard. */
import type { FeatureGroup } from '../feature.js';

export const artist: FeatureGroup = {
  features: [
    {
      name: 'artist_gap',
      group: 'artist',
      unit: 'ln(plays)',
      range: [0, 20],
      doc: "Plays since the last play of the track's artist.",
    },
    {
      name: 'artist_gap_against_rate',
      group: 'artist',
      unit: 'ln',
      range: [-20, 20],
      doc: "The artist's gap over the mean distance of their plays, were they spread evenly.",
    },
    {
      name: 'artist_gap_against_mean',
      group: 'artist',
      unit: 'ln',
      range: [-20, 20],
      doc: "The artist's gap over the mean gap between two of their plays.",
    },
  ],
  fill({ candidates, columns }, slots, out, from, width) {
    const { artists } = candidates;
    const { artistGapLn, artistShareLn, artistGapMeanLn } = columns;
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const artist = artists[slots[row]];
      if (artist < 0) {
        out[at] = NaN;
        out[at + 1] = NaN;
        out[at + 2] = NaN;
        continue;
      }
      const gap = artistGapLn[artist];
      out[at] = gap;
      out[at + 1] = gap + artistShareLn[artist];
      out[at + 2] = gap - artistGapMeanLn[artist];
    }
  },
};
