import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { History } from "../../static/js/lib/floor-history.js";
import { alignUnits, calibrated, copyUnits, distributeUnits, moveUnits, nextName, putBlock, relabeled, removeUnits, renumbered, shiftUnits, snapped, unitsOf } from "../../static/js/lib/floor-plan.js";
import { readLength, shownLength } from "../../static/js/lib/lengths.js";

const cases = JSON.parse(readFileSync(new URL("floor-cases.json", import.meta.url), "utf8"));
const row = { ...cases[0].block, rot_ddeg: 0, numbering: { ...cases[0].block.numbering, prefix: "A" }, name: "A" };

function names() {
  let last = 0;
  return () => `n${(last += 1)}`;
}

function hall(...blocks) {
  const newUid = names();
  return blocks.reduce((plan, block) => putBlock(plan, { ...row, ...block }, newUid), { blocks: [], places: [] });
}

test("a block that grows keeps who its tables are", () => {
  const plan = hall({ uid: "a", n: 3 });
  const uids = plan.places.map((place) => place.uid);
  const grown = putBlock(plan, { ...plan.blocks[0], n: 5, x_mm: 9000 }, names());
  assert.deepEqual(grown.places.slice(0, 3).map((place) => place.uid), uids);
  assert.equal(grown.places[0].x_mm, 9000);
  assert.equal(plan.places.length, 3);
  assert.equal(putBlock(grown, { ...plan.blocks[0], n: 1 }, names()).places.length, 1);
});

test("what is moved takes its tables along, in steps of fifty", () => {
  const plan = hall({ uid: "a", n: 2 }, { uid: "b", n: 2, y_mm: 9000 });
  const moved = shiftUnits(plan, ["a"], snapped(1234), snapped(-26));
  assert.deepEqual([moved.blocks[0].x_mm - plan.blocks[0].x_mm, moved.places[0].y_mm - plan.places[0].y_mm], [1250, -50]);
  assert.equal(moved.blocks[1], plan.blocks[1]);
  assert.equal(moveUnits(plan, new Map()).places[0], plan.places[0]);
});

test("blocks line up at an edge or along their middle, turned ones too", () => {
  const plan = hall({ uid: "a", n: 2, x_mm: 1000 }, { uid: "b", n: 4, x_mm: 3000, y_mm: 9000 }, { uid: "c", n: 2, x_mm: 20_000, y_mm: 9000, rot_ddeg: 900 });
  const boxes = (edge) => unitsOf(alignUnits(plan, ["a", "b", "c"], edge)).map((unit) => unit.box);
  for (const edge of ["left", "right", "top", "bottom"]) assert.ok(boxes(edge).every((box) => Math.abs(box[edge] - boxes(edge)[0][edge]) <= 1), edge);
  assert.ok(boxes("center").every((box) => Math.abs((box.left + box.right) / 2 - (boxes("center")[0].left + boxes("center")[0].right) / 2) <= 1));
  assert.ok(boxes("middle").every((box) => Math.abs((box.top + box.bottom) / 2 - (boxes("middle")[0].top + boxes("middle")[0].bottom) / 2) <= 1));
});

test("three blocks are spread with the same gap", () => {
  const plan = hall({ uid: "a", n: 1, x_mm: 0 }, { uid: "b", n: 2, x_mm: 2000 }, { uid: "c", n: 1, x_mm: 20_000 });
  const boxes = unitsOf(distributeUnits(plan, ["a", "b", "c"], "across")).map((unit) => unit.box);
  assert.ok(Math.abs(boxes[1].left - boxes[0].right - (boxes[2].left - boxes[1].right)) <= 1);
  assert.equal(boxes[0].left, 0);
  assert.equal(distributeUnits(plan, ["a", "b"], "down"), plan);
});

test("copies get names, uids and numbers of their own", () => {
  const plan = hall({ uid: "a", n: 2 }, { uid: "b", n: 2, name: "B" });
  const [grown, made] = copyUnits(plan, ["a"], 0, 5000, (() => { const next = names(); return () => `copy-${next()}`; })());
  assert.equal(grown.places.length, 6);
  const block = grown.blocks.at(-1);
  assert.deepEqual([block.uid, block.name, made.length], [made[0], "C", 1]);
  assert.deepEqual(grown.places.slice(-2).map((place) => place.label), ["C01", "C02"]);
  assert.equal(new Set(grown.places.map((place) => place.uid)).size, 6);
  assert.equal(removeUnits(grown, made).places.length, 4);
  assert.equal(nextName({ blocks: [{ name: "Z" }] }, "Z"), "AA");
  assert.equal(nextName({ blocks: [{ name: "North 2" }] }, "North 2"), "North 3");
});

test("numbering anew touches labels only", () => {
  const plan = hall({ uid: "a", n: 3 });
  const changed = { ...plan, blocks: [{ ...plan.blocks[0], numbering: { ...plan.blocks[0].numbering, start: 12, skip: [13] } }] };
  const pairs = renumbered(changed, "a");
  assert.deepEqual(pairs.map(([place, label]) => [place.label, label]), [["A01", "A12"], ["A02", "A14"], ["A03", "A15"]]);
  assert.deepEqual(relabeled(changed, pairs).places.map(({ label, ...rest }) => rest), plan.places.map(({ label, ...rest }) => rest));
});

test("two points and the way between them give a picture its size", () => {
  const picture = { key: "k", x_mm: 0, y_mm: 0, w_mm: 10_000, d_mm: 5000 };
  const found = calibrated(picture, [1000, 1000], [3000, 1000], 4000);
  assert.deepEqual(found, { key: "k", x_mm: -1000, y_mm: -1000, w_mm: 20_000, d_mm: 10_000 });
  assert.equal(calibrated(picture, [1, 1], [1, 1], 4000), picture);
});

test("a hundred steps back and forth, and a new deed forgets what was undone", () => {
  const history = new History(0);
  for (let state = 1; state <= 150; state += 1) history.push(state);
  let back = 0;
  while (history.undo()) back += 1;
  assert.deepEqual([back, history.state], [100, 50]);
  assert.ok(history.redo());
  history.push(7);
  assert.ok(!history.redo());
  history.push(7);
  assert.equal(history.past.length, 2);
});

test("lengths are read and shown as people write them", () => {
  for (const [text, unit, mm] of [["6", "ft", 1829], ["2.5", "ft", 762], ["2,5", "m", 2500], ["-4", "m", -4000]]) assert.equal(readLength(text, unit), mm);
  for (const text of ["", "far", "1e9", "1.2.3", "NaN", "99999999999999"]) assert.equal(readLength(text, "m"), null);
  for (const mm of [1829, 762, 51_206, 1, 30_000]) for (const unit of ["ft", "m"]) assert.equal(readLength(shownLength(mm, unit), unit), mm);
});
