// Sums of money in minor units, and how they are shown. Pure.

export function sumOf(rows) {
  let count = 0;
  let minor = 0;
  for (const row of rows) {
    const pieces = Number.parseInt(row.count, 10);
    if (!Number.isFinite(pieces) || pieces <= 0) continue;
    count += pieces;
    minor += pieces * Number(row.price);
  }
  return { count, minor };
}

export function formatMinor(minor, currency, locale) {
  const plain = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = plain.resolvedOptions().maximumFractionDigits;
  return plain.format(minor / 10 ** digits);
}
