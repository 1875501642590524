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

// An amount as typed ("12.50", "12,50") in minor units; 0 for what is no amount, which the server then says in words.
export function minorOf(text, currency) {
  const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  const value = /^\s*[$£€]?\s*\d+([.,]\d{0,2})?\s*$/.test(text) ? Number.parseFloat(text.replace(/[^\d.,]/g, "").replace(",", ".")) : 0;
  return Math.round(value * 10 ** digits) || 0;
}

export function formatMinor(minor, currency, locale) {
  const plain = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = plain.resolvedOptions().maximumFractionDigits;
  return plain.format(minor / 10 ** digits);
}
