// Pure: changes of a floor plan's document. Each gives a new plan and leaves the old one alone, so that undo is only going back.
import { expand, frameOf, labelsOf, turned } from "./floor-blocks.js";

export const STEP_MM = 50;
export const snapped = (value, step = STEP_MM) => Math.round(value / step) * step;

const placeOf = (block, slot, known, label, newUid) => ({
  ...(known ?? { uid: newUid(), label, tags: [], circuit: "", load_ma: 0, is_sellable: true }),
  block: block.uid, side: slot.side, seq: slot.seq, type: block.type, row: block.name,
  x_mm: slot.x_mm, y_mm: slot.y_mm, w_mm: slot.w_mm, d_mm: slot.d_mm, rot_ddeg: slot.rot_ddeg, facing: slot.facing,
});

// Put a block, new or changed, and its tables; a table that is there already keeps who it is.
export function putBlock(plan, block, newUid) {
  const known = new Map(plan.places.filter((place) => place.block === block.uid).map((place) => [`${place.side} ${place.seq}`, place]));
  const slots = expand(block);
  const labels = labelsOf(block.numbering, slots);
  const laid = slots.map((slot) => placeOf(block, slot, known.get(`${slot.side} ${slot.seq}`), labels.get(`${slot.side} ${slot.seq}`), newUid));
  const blocks = plan.blocks.some((each) => each.uid === block.uid) ? plan.blocks.map((each) => (each.uid === block.uid ? block : each)) : [...plan.blocks, block];
  return { ...plan, blocks, places: [...plan.places.filter((place) => place.block !== block.uid), ...laid] };
}

// What can be selected: blocks and tables that belong to none, each with the box it covers.
export function unitsOf(plan) {
  const blocks = plan.blocks.map((block) => ({ uid: block.uid, kind: "block", name: block.name, thing: block, places: plan.places.filter((place) => place.block === block.uid) }));
  const homes = new Set(plan.blocks.map((block) => block.uid));
  const loose = plan.places.filter((place) => !homes.has(place.block)).map((place) => ({ uid: place.uid, kind: "place", name: place.label, thing: place, places: [place] }));
  return [...blocks, ...loose].map((unit) => ({ ...unit, box: boxOf(unit) }));
}

function boxOf(unit) {
  const { x_mm, y_mm, rot_ddeg } = unit.thing;
  const [w, d] = unit.kind === "block" ? frameOf(unit.thing) : [unit.thing.w_mm, unit.thing.d_mm];
  const corners = [[-w, -d], [w, -d], [w, d], [-w, d]].map(([x, y]) => turned(x / 2, y / 2, rot_ddeg));
  const reach = (index) => Math.max(...corners.map((corner) => corner[index]));
  const [cx, cy] = [x_mm + w / 2, y_mm + d / 2];
  return { left: cx - reach(0), right: cx + reach(0), top: cy - reach(1), bottom: cy + reach(1) };
}

// Move blocks and tables, each by its own way: moves maps uid to [dx, dy].
export function moveUnits(plan, moves) {
  const shifted = (thing, [dx, dy]) => ({ ...thing, x_mm: thing.x_mm + dx, y_mm: thing.y_mm + dy });
  const way = (place) => moves.get(place.block) ?? moves.get(place.uid);
  return {
    ...plan,
    blocks: plan.blocks.map((block) => (moves.has(block.uid) ? shifted(block, moves.get(block.uid)) : block)),
    places: plan.places.map((place) => (way(place) ? shifted(place, way(place)) : place)),
  };
}

export function shiftUnits(plan, uids, dx, dy) {
  return moveUnits(plan, new Map(uids.map((uid) => [uid, [dx, dy]])));
}

export function removeUnits(plan, uids) {
  const gone = new Set(uids);
  return { ...plan, blocks: plan.blocks.filter((block) => !gone.has(block.uid)), places: plan.places.filter((place) => !gone.has(place.uid) && !gone.has(place.block)) };
}

// Line the chosen ones up at the outermost edge, or along their common middle.
export function alignUnits(plan, uids, edge) {
  const units = unitsOf(plan).filter((unit) => uids.includes(unit.uid));
  const lefts = units.map((unit) => unit.box.left), rights = units.map((unit) => unit.box.right);
  const tops = units.map((unit) => unit.box.top), bottoms = units.map((unit) => unit.box.bottom);
  const goal = { left: Math.min(...lefts), right: Math.max(...rights), top: Math.min(...tops), bottom: Math.max(...bottoms) }[edge];
  const middle = edge === "center" ? (Math.min(...lefts) + Math.max(...rights)) / 2 : (Math.min(...tops) + Math.max(...bottoms)) / 2;
  return moveUnits(plan, new Map(units.map(({ uid, box }) => {
    if (edge === "center") return [uid, [Math.round(middle - (box.left + box.right) / 2), 0]];
    if (edge === "middle") return [uid, [0, Math.round(middle - (box.top + box.bottom) / 2)]];
    return [uid, edge === "left" || edge === "right" ? [Math.round(goal - box[edge]), 0] : [0, Math.round(goal - box[edge])]];
  })));
}

// The same gap between each two of the chosen, from the first to the last: across or down.
export function distributeUnits(plan, uids, axis) {
  const [low, high] = axis === "across" ? ["left", "right"] : ["top", "bottom"];
  const units = unitsOf(plan).filter((unit) => uids.includes(unit.uid)).sort((a, b) => a.box[low] - b.box[low]);
  if (units.length < 3) return plan;
  const room = units.at(-1).box[high] - units[0].box[low] - units.reduce((sum, { box }) => sum + box[high] - box[low], 0);
  const gap = room / (units.length - 1);
  let at = units[0].box[low];
  const moves = new Map();
  for (const { uid, box } of units) {
    const by = Math.round(at - box[low]);
    moves.set(uid, axis === "across" ? [by, 0] : [0, by]);
    at += box[high] - box[low] + gap;
  }
  return moveUnits(plan, moves);
}

// A free name after this one: A, B … Z, AA; "North 2" after "North".
export function nextName(plan, name) {
  const taken = new Set(plan.blocks.map((block) => block.name));
  let next = name;
  for (let tries = 0; tries < 1000 && taken.has(next); tries += 1) next = following(next);
  return next;
}

function following(name) {
  const number = name.match(/^(.*?)(\d+)$/);
  if (number) return number[1] + (Number(number[2]) + 1);
  const last = name.at(-1) ?? "";
  if (/[A-Y]/.test(last)) return name.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1);
  return /^Z+$/.test(name) ? "A".repeat(name.length + 1) : `${name} 2`;
}

// Copies of the chosen, shifted; blocks get the next free name and number their tables by it. Returns [plan, uids of the copies].
export function copyUnits(plan, uids, dx, dy, newUid) {
  let grown = plan;
  const made = [];
  for (const unit of unitsOf(plan).filter((each) => uids.includes(each.uid))) {
    const uid = newUid();
    made.push(uid);
    const where = { uid, x_mm: unit.thing.x_mm + dx, y_mm: unit.thing.y_mm + dy };
    if (unit.kind === "place") grown = { ...grown, places: [...grown.places, { ...unit.thing, ...where, label: `${unit.thing.label} 2`.slice(0, 20) }] };
    else {
      const name = nextName(grown, unit.thing.name);
      grown = putBlock(grown, { ...unit.thing, ...where, name, numbering: { ...unit.thing.numbering, prefix: name } }, newUid);
    }
  }
  return [grown, made];
}

// Labels of a block by its rule: [[place, new label], ...]; and the plan after that.
export function renumbered(plan, uid) {
  const block = plan.blocks.find((each) => each.uid === uid);
  const places = plan.places.filter((place) => place.block === uid);
  const labels = labelsOf(block.numbering, places);
  return places.map((place) => [place, labels.get(`${place.side} ${place.seq}`)]);
}

export function relabeled(plan, pairs) {
  const labels = new Map(pairs.map(([place, label]) => [place.uid, label]));
  return { ...plan, places: plan.places.map((place) => (labels.has(place.uid) ? { ...place, label: labels.get(place.uid) } : place)) };
}

// The picture under the plan at its true size: two points of the plan as it is drawn now are `length` apart in the hall.
export function calibrated(background, [x1, y1], [x2, y2], length) {
  const drawn = Math.hypot(x2 - x1, y2 - y1);
  if (!drawn || !(length > 0)) return background;
  const factor = length / drawn;
  return {
    ...background,
    x_mm: Math.round(x1 - (x1 - background.x_mm) * factor), y_mm: Math.round(y1 - (y1 - background.y_mm) * factor),
    w_mm: Math.max(1, Math.round(background.w_mm * factor)), d_mm: Math.max(1, Math.round(background.d_mm * factor)),
  };
}
