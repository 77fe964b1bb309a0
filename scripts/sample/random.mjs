/** A seeded source of numbers in [0, 1): the same seed gives the same numbers on every machine. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (share) => next() < share,
    between: (least, below) => least + next() * (below - least),
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last--) {
        const other = Math.floor(next() * (last + 1));
        [items[last], items[other]] = [items[other], items[last]];
      }
      return items;
    },
  };
}
