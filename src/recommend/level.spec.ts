import { levelOf, type Arrived } from './level.js';

describe('levelOf', () => {
  it.each<[Arrived, string]>([
    [{ listener: true, candidates: 'all', ranker: 'full', cachedList: false }, 'full'],
    [{ listener: true, candidates: 'partly', ranker: 'full', cachedList: true }, 'reduced'],
    [{ listener: true, candidates: 'all', ranker: 'cut', cachedList: true }, 'reduced'],
    [{ listener: true, candidates: 'partly', ranker: 'cut', cachedList: false }, 'reduced'],
    [{ listener: true, candidates: 'all', ranker: 'none', cachedList: true }, 'light'],
    [{ listener: true, candidates: 'partly', ranker: 'none', cachedList: false }, 'light'],
    [{ listener: true, candidates: 'none', ranker: 'none', cachedList: true }, 'cached'],
    [{ listener: true, candidates: 'none', ranker: 'none', cachedList: false }, 'popular'],
    [{ listener: false, candidates: 'none', ranker: 'none', cachedList: true }, 'cached'],
    [{ listener: false, candidates: 'none', ranker: 'none', cachedList: false }, 'popular'],
    [{ listener: false, candidates: 'all', ranker: 'full', cachedList: false }, 'popular'],
  ])('maps %j to %s', (arrived, level) => {
    expect(levelOf(arrived)).toBe(level);
  });
});
