// Pure math on places of a plan: which one lies in a direction, where a row ends. A place is { key, x, y } by its center.

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

// The nearest place in the direction of an arrow key: within 45 degrees first, straight ahead counts double; null at the edge.
export function nextPlace(places, from, arrow) {
  const way = WAYS[arrow];
  if (!way) return null;
  let best = null;
  let least = Infinity;
  for (const place of places) {
    if (place.key === from.key) continue;
    const along = (place.x - from.x) * way[0] + (place.y - from.y) * way[1];
    const aside = Math.abs((place.x - from.x) * way[1]) + Math.abs((place.y - from.y) * way[0]);
    if (along <= 0 || aside > along * 3) continue;
    const cost = along + aside * 2 + (aside > along ? 1e6 : 0);
    if (cost < least) [best, least] = [place, cost];
  }
  return best;
}

// The first or last place of the row one stands in: those whose centers lie within `half` of the same height.
export function rowEnd(places, from, isLast, half) {
  const row = places.filter((place) => Math.abs(place.y - from.y) <= half);
  return row.reduce((end, place) => ((isLast ? place.x > end.x : place.x < end.x) ? place : end), from);
}

// The pause before the next look: five seconds give or take one, doubled with each failure up to a minute.
export function pauseMs(failures, random) {
  return Math.min(5000 * 2 ** failures, 60000) + Math.round((random * 2 - 1) * 1000);
}

// What each chosen table costs, where further ones of a kind cost something else. A table is { kind, prices }, its prices
// those of the buyer's next table of the kind, of the one after that …; the last one holds for all more.
export function pricesInTurn(tables) {
  const seen = new Map();
  return tables.map(({ kind, prices }) => {
    const turn = seen.get(kind) ?? 0;
    seen.set(kind, turn + 1);
    return prices[Math.min(turn, prices.length - 1)];
  });
}

// Minor units as money of a locale.
export function moneyText(minor, currency, locale) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits;
  return format.format(minor / 10 ** digits);
}
