import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { mount } from "../../static/js/modules/cart-hold.js";

// The few parts of a page that the module touches.
let reloads = 0;
let forms = {};
globalThis.window = { location: { reload: () => (reloads += 1) } };
globalThis.document = { getElementById: (id) => forms[id] ?? null, createElement: () => ({}) };

function aForm() {
  const sent = [];
  const fields = [];
  return { sent, append: (field) => fields.push(field), submit: () => sent.push(Object.fromEntries(fields.map((f) => [f.name, f.value]))) };
}

function aHold(dataset = {}) {
  const element = Object.assign(new EventTarget(), { dataset });
  mount(element);
  return element;
}

const over = () => new Event("countdown:over");

beforeEach(() => {
  reloads = 0;
  forms = {};
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("when the hold is over the page is loaded anew, a moment later and once", () => {
  const hold = aHold();
  hold.dispatchEvent(over());
  hold.dispatchEvent(over());
  mock.timers.tick(1000);
  assert.equal(reloads, 0, "the server's clock must be past the end");
  mock.timers.tick(60_000);
  assert.equal(reloads, 1);
});

test("beside a form what is typed is sent along instead, and nothing is ordered", () => {
  forms.checkout = aForm();
  aHold({ form: "checkout" }).dispatchEvent(over());
  mock.timers.tick(60_000);
  assert.deepEqual(forms.checkout.sent, [{ over: "1" }]);
  assert.equal(reloads, 0);
});

test("a form that is not there is no reason to stay on an old page", () => {
  aHold({ form: "checkout" }).dispatchEvent(over());
  mock.timers.tick(60_000);
  assert.equal(reloads, 1);
});
