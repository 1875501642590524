// Pure: where the tables of a block stand, as swapmeet/vendor_tables/layout/blocks.py lays them, and how they are numbered.
// tests/js/floor-cases.json holds cases worked out there; both sides are tested against it.

const TURN = "NESW";

export function turned(x, y, ddeg) {
  const quarter = ((ddeg % 3600) + 3600) % 3600;
  if (quarter % 900 === 0) return [[x, y], [-y, x], [-x, -y], [y, -x]][quarter / 900];
  const angle = (ddeg / 10) * (Math.PI / 180);
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
}

const turnedSide = (side, ddeg) => TURN[(TURN.indexOf(side) + Math.round(ddeg / 900)) % 4];
const run = (block, number) => number * block.w_mm + Math.max(0, number - 1) * block.gap_mm;
const half = (value) => Math.floor(value / 2);

// Width and depth of a block before it is turned.
export function frameOf(block) {
  const along = run(block, block.n);
  if (block.kind === "row") return [along, block.d_mm];
  if (block.kind === "island") return [along + (block.m ? 2 * block.d_mm : 0), Math.max(2 * block.d_mm + block.gap_back_mm, run(block, block.m))];
  if (block.kind === "u") return [along, block.d_mm + (block.m ? block.gap_mm + run(block, block.m) : 0)];
  return [block.frame_w_mm, block.frame_d_mm];
}

// What keeps a block from standing, in words; "" when nothing does.
export function faultOf(block) {
  const [width, depth] = frameOf(block);
  if (block.kind === "u" && block.m && width < 2 * block.d_mm) return "Its arms would stand on each other.";
  if (block.kind !== "perimeter") return "";
  const fits = run(block, block.n) <= width && run(block, block.m) <= depth - 2 * block.d_mm && !(block.m && width < 2 * block.d_mm);
  return fits ? "" : `${block.n} and ${block.m} tables do not fit along this frame.`;
}

function across(block, side, number, x, y, facing) {
  return Array.from({ length: number }, (_, seq) => ({ side, seq: seq + 1, x_mm: x + seq * (block.w_mm + block.gap_mm), y_mm: y, w_mm: block.w_mm, d_mm: block.d_mm, rot_ddeg: 0, facing }));
}

function down(block, side, number, x, y, facing) {
  return Array.from({ length: number }, (_, seq) => ({ side, seq: seq + 1, x_mm: x, y_mm: y + seq * (block.w_mm + block.gap_mm), w_mm: block.d_mm, d_mm: block.w_mm, rot_ddeg: 0, facing }));
}

const LAYERS = {
  row: (block) => across(block, "a", block.n, block.x_mm, block.y_mm, block.side),
  island(block) {
    const [width, depth] = frameOf(block);
    const left = block.x_mm + (block.m ? block.d_mm : 0);
    const top = block.y_mm + half(depth - 2 * block.d_mm - block.gap_back_mm);
    const end = block.y_mm + half(depth - run(block, block.m));
    return [
      ...across(block, "a", block.n, left, top, "N"),
      ...across(block, "b", block.n, left, top + block.d_mm + block.gap_back_mm, "S"),
      ...down(block, "c", block.m, block.x_mm, end, "W"),
      ...down(block, "d", block.m, block.x_mm + width - block.d_mm, end, "E"),
    ];
  },
  u(block) {
    const [width] = frameOf(block);
    const isIn = block.faces === "in";
    const arm = block.y_mm + block.d_mm + block.gap_mm;
    return [
      ...across(block, "a", block.n, block.x_mm, block.y_mm, isIn ? "S" : "N"),
      ...down(block, "b", block.m, block.x_mm, arm, isIn ? "E" : "W"),
      ...down(block, "c", block.m, block.x_mm + width - block.d_mm, arm, isIn ? "W" : "E"),
    ];
  },
  perimeter(block) {
    const [width, depth] = frameOf(block);
    const isIn = block.faces === "in";
    const left = block.x_mm + half(width - run(block, block.n));
    const top = block.y_mm + half(depth - run(block, block.m));
    return [
      ...across(block, "a", block.n, left, block.y_mm, isIn ? "S" : "N"),
      ...down(block, "b", block.m, block.x_mm + width - block.d_mm, top, isIn ? "W" : "E"),
      ...across(block, "c", block.n, left, block.y_mm + depth - block.d_mm, isIn ? "N" : "S"),
      ...down(block, "d", block.m, block.x_mm, top, isIn ? "E" : "W"),
    ];
  },
};

export function expand(block) {
  const [width, depth] = frameOf(block);
  const [cx, cy] = [block.x_mm + width / 2, block.y_mm + depth / 2];
  return LAYERS[block.kind](block).map((slot) => (block.rot_ddeg ? turnSlot(block, slot, cx, cy) : slot));
}

function turnSlot(block, slot, cx, cy) {
  const [dx, dy] = turned(slot.x_mm + slot.w_mm / 2 - cx, slot.y_mm + slot.d_mm / 2 - cy, block.rot_ddeg);
  let [w, d, rot, facing] = [slot.w_mm, slot.d_mm, block.rot_ddeg, slot.facing];
  if (rot % 900 === 0) {
    if (rot % 1800) [w, d] = [d, w];
    facing = turnedSide(facing, rot);
    rot = 0;
  }
  return { ...slot, x_mm: Math.floor(cx + dx - w / 2 + 0.5), y_mm: Math.floor(cy + dy - d / 2 + 0.5), w_mm: w, d_mm: d, rot_ddeg: rot, facing };
}

function* numbersFrom(start, step, skip) {
  for (let number = start; ; number += step) if (!skip.includes(number)) yield number;
}

function numbersOf(rule, sides) {
  if (rule.order === "odd_even" && sides.length > 1) {
    const pair = [0, 1].map((turn) => numbersFrom(rule.start + turn * rule.step, 2 * rule.step, rule.skip));
    return sides.map((count, index) => Array.from({ length: count }, () => pair[index % 2].next().value));
  }
  const numbers = numbersFrom(rule.start, rule.step, rule.skip);
  return sides.map((count, index) => {
    const own = Array.from({ length: count }, () => numbers.next().value);
    return rule.order === "snake" && index % 2 ? own.reverse() : own;
  });
}

// Labels by "side seq" for slots or places of one block.
export function labelsOf(rule, slots) {
  const sides = new Map();
  for (const { side, seq } of [...slots].sort((a, b) => (a.side < b.side ? -1 : a.side > b.side ? 1 : a.seq - b.seq))) {
    if (!sides.has(side)) sides.set(side, []);
    sides.get(side).push(seq);
  }
  const rows = numbersOf(rule, [...sides.values()].map((seqs) => seqs.length));
  const labels = new Map();
  [...sides].forEach(([side, seqs], row) => seqs.forEach((seq, index) => labels.set(`${side} ${seq}`, rule.prefix + String(rows[row][index]).padStart(rule.digits, "0"))));
  return labels;
}
