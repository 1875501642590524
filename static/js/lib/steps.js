// Counting up and down inside limits. Pure.

/** The number in `text`, or `fallback` when it is none. Decimals are cut. */
export function toCount(text, fallback = 0) {
  const value = Math.trunc(Number(String(text).trim() || NaN));
  return Number.isFinite(value) ? value : fallback;
}

/** `value` moved by `change`, kept between `min` and `max`. */
export function stepped(value, change, min, max) {
  return Math.min(max, Math.max(min, value + change));
}
