/** Made-up names of artists and titles of tracks. */
import type { Random } from './random.js';

const ONSETS = 'b br c d dr f fl g gr h k l m n p pr qu r s sh st t th tr v w z'.split(' ');
const VOWELS = 'a e i o u ae ei ia io oa'.split(' ');
const CODAS = 'l m n r s x nd lm rn sk th v ss ld'.split(' ');
const GROUPS = 'Assembly,Parade,Signals,Orchard,Engines,Harbour,Cartel,Ensemble,Static,Choir,Department,Tides'.split(
  ',',
);
const ADJECTIVES =
  'Amber,Borrowed,Broken,Crooked,Distant,Electric,Empty,Faded,Golden,Hollow,Last,Lonely,Midnight,Northern,Paper,Quiet,Restless,Second,Silver,Slow,Sudden,Velvet,Wild,Winter'.split(
    ',',
  );
const NOUNS =
  'Avenue,Balcony,Compass,Current,Echo,Ember,Ferry,Garden,Harbor,Hour,Kingdom,Lantern,Letter,Machine,Meridian,Mirror,Motel,Orbit,Postcard,River,Season,Shadow,Signal,Station,Summer,Thunder,Tide,Weather,Window'.split(
    ',',
  );
const VERBS = 'Call,Carry,Chase,Find,Follow,Forget,Hold,Keep,Leave,Lose,Remember,Turn,Wake,Watch'.split(',');
const OBJECTS = 'Me,You,It,Us,Them,Tomorrow,Nothing,Everything,Someone'.split(',');

function pick(random: Random, words: readonly string[]): string {
  return words[random.below(words.length)];
}

function coined(random: Random, syllables: number): string {
  let word = '';
  for (let i = 0; i < syllables; i++) {
    word += pick(random, ONSETS) + pick(random, VOWELS);
    if (i === syllables - 1 || random.chance(0.25)) word += pick(random, CODAS);
  }
  return word.charAt(0).toUpperCase() + word.slice(1);
}

export function artistName(random: Random): string {
  const form = random.uniform();
  if (form < 0.45) return `${coined(random, 2)} ${coined(random, random.chance(0.6) ? 2 : 3)}`;
  if (form < 0.75) return coined(random, 3);
  return `The ${coined(random, 2)} ${pick(random, GROUPS)}`;
}

export function trackTitle(random: Random): string {
  const form = random.uniform();
  if (form < 0.35) return `${pick(random, ADJECTIVES)} ${pick(random, NOUNS)}`;
  if (form < 0.55) return `${pick(random, VERBS)} ${pick(random, OBJECTS)}`;
  if (form < 0.7) return `${pick(random, NOUNS)} in ${coined(random, 2)}`;
  if (form < 0.85) return `The ${pick(random, NOUNS)}, the ${pick(random, NOUNS)}`;
  return coined(random, 2);
}
