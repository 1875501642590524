// Time left, as words and figures. Pure.

/** Whole seconds left of `seconds` when `passed` ms have gone by, never below 0, rounded up so that 0 means over. */
export function secondsLeft(seconds, passed) {
  return Math.max(0, Math.ceil(seconds - passed / 1000));
}

/**
 * A function that says how many ms have passed since now. `steady` never jumps but may stand still while the machine sleeps;
 * `wall` runs on through sleep but jumps when the clock is set. The larger of the two never promises time that is gone.
 */
export function startWatch(steady, wall) {
  const began = [steady(), wall()];
  return () => Math.max(steady() - began[0], wall() - began[1], 0);
}

/** 738 -> "12:18"; an hour and more -> "1:02:05". */
export function asFigures(seconds) {
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = String(seconds % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** What a screen reader should hear, only at these moments: 5 min, 2 min, 1 min, over. Otherwise "". */
export function announcement(seconds) {
  if (seconds === 0) return "Time is up.";
  if (seconds === 300 || seconds === 120) return `${seconds / 60} minutes left.`;
  return seconds === 60 ? "1 minute left." : "";
}
