import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { expand, faultOf, frameOf, labelsOf } from "../../static/js/lib/floor-blocks.js";

const cases = JSON.parse(readFileSync(new URL("floor-cases.json", import.meta.url), "utf8"));

for (const { block, slots } of cases) {
  test(`a ${block.kind} turned by ${block.rot_ddeg / 10} degrees is laid as the program lays it`, () => {
    const found = expand(block);
    const labels = labelsOf(block.numbering, found);
    const rows = found.map((s) => [s.side, s.seq, s.x_mm, s.y_mm, s.w_mm, s.d_mm, s.rot_ddeg, s.facing, labels.get(`${s.side} ${s.seq}`)]);
    assert.deepEqual(rows, slots);
    assert.equal(faultOf(block), "");
  });
}

test("a frame that is too small says so", () => {
  const block = { ...cases.find((each) => each.block.kind === "perimeter").block, frame_w_mm: 3000 };
  assert.match(faultOf(block), /do not fit/);
  assert.deepEqual(frameOf(block), [3000, 9000]);
});
