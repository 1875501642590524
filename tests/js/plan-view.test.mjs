import assert from "node:assert/strict";
import test from "node:test";

import { centeredOn, fitted, kept, pushed, shows, transformOf, zoomed } from "../../static/js/lib/plan-view.js";

const HALL = { x: -500, y: -500, w: 31_000, h: 21_000 };
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test("the whole hall fits and stands in the middle", () => {
  const view = fitted(HALL, 310, 420);
  near(view.s, 0.01);
  near(view.x, -500);
  near(view.y, -500 - (42_000 - 21_000) / 2);
});

test("what lies under the finger stays there while it grows", () => {
  const view = { s: 0.01, x: 100, y: 200 };
  const closer = zoomed(view, 2, 30, 40);
  near(closer.s, 0.02);
  near(closer.x + 30 / closer.s, view.x + 30 / view.s);
  near(closer.y + 40 / closer.s, view.y + 40 / view.s);
});

test("a push moves the drawing by as many pixels", () => near(pushed({ s: 0.5, x: 0, y: 0 }, 10, 0).x, -20));

test("nobody gets lost outside of the hall, nor closer than a table", () => {
  const far = kept({ s: 0.04, x: -1e6, y: 1e6 }, HALL, 310, 420);
  near(far.x, HALL.x);
  near(far.y + 420 / far.s, HALL.y + HALL.h);
  assert.deepEqual(kept({ s: 0, x: 0, y: 0 }, HALL, 310, 420), fitted(HALL, 310, 420));
  near(kept({ s: 9, x: 0, y: 0 }, HALL, 310, 420).s, 0.12);
});

test("a table is brought to the middle and is then shown", () => {
  const view = centeredOn({ s: 0.05, x: 0, y: 0 }, { x: 9000, y: 8000 }, 300, 200);
  assert.ok(shows(view, { x: 9000, y: 8000 }, 300, 200, 90));
  assert.ok(!shows(view, { x: 0, y: 0 }, 300, 200, 0));
});

test("the transform puts each point where the new view would draw it", () => {
  const [drawn, view, point] = [{ s: 0.01, x: 5, y: 6 }, { s: 0.03, x: 50, y: -60 }, 700];
  const [k, , , , e] = transformOf(drawn, view).slice(7, -1).split(",").map(Number);
  near((point - drawn.x) * drawn.s * k + e, (point - view.x) * view.s);
});
