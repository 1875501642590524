// Pure: lengths as people type them, in feet or meters; behind the field they are whole millimeters.

const MM_PER = { ft: 304.8, m: 1000 };

// As few decimals as say the same millimeters.
export function shownLength(mm, unit) {
  for (let digits = 0; digits <= 4; digits += 1) {
    const text = String(Number((mm / MM_PER[unit]).toFixed(digits)));
    if (Math.round(Number(text) * MM_PER[unit]) === mm) return text;
  }
  return (mm / MM_PER[unit]).toFixed(4);
}

// Whole millimeters, or null for what is no length.
export function readLength(text, unit) {
  const clean = String(text).trim().replace(",", ".");
  if (!/^-?\d+(\.\d+)?$/.test(clean) || clean.length > 12) return null;
  const mm = Math.round(Number(clean) * MM_PER[unit]);
  return Math.abs(mm) <= 1_000_000 ? mm : null;
}
