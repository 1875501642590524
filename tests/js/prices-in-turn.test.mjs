import assert from "node:assert/strict";
import { test } from "node:test";

import { pricesInTurn } from "../../static/js/lib/plan-places.js";

test("further tables of a kind cost what they cost in their turn, the last price holds for all more", () => {
  const six = { kind: "6", prices: [4500, 4000, 3000] };
  const eight = { kind: "8", prices: [6000] };
  assert.deepEqual(pricesInTurn([six, eight, six, six, six, eight]), [4500, 6000, 4000, 3000, 3000, 6000]);
  assert.deepEqual(pricesInTurn([]), []);
});
