// What the door sounds like: rising for in, one middle tone for wait, two low ones for no. Pure.

const TONES = {
  ok: [{ hertz: 660, at: 0, seconds: 0.09 }, { hertz: 990, at: 0.1, seconds: 0.14 }],
  warn: [{ hertz: 520, at: 0, seconds: 0.3 }],
  bad: [{ hertz: 220, at: 0, seconds: 0.2 }, { hertz: 180, at: 0.25, seconds: 0.3 }],
};

export function tonesFor(kind) {
  return TONES[kind] ?? [];
}

// The same code seen again within the pause is the same ticket still in front of the camera.
export function isNewScan(code, at, last, pause = 4000) {
  return code !== last.code || at - last.at > pause;
}
