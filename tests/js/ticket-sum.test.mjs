import assert from "node:assert/strict";
import { test } from "node:test";

import { formatMinor, minorOf, sumOf } from "../../static/js/lib/ticket-sum.js";

test("the sum counts pieces and money", () => {
  const chosen = sumOf([{ count: "2", price: "2400" }, { count: "1", price: "0" }, { count: "0", price: "900" }]);
  assert.deepEqual(chosen, { count: 3, minor: 4800 });
});

test("empty, negative and odd counts add nothing", () => {
  assert.deepEqual(sumOf([{ count: "", price: "5" }, { count: "-3", price: "5" }, { count: "x", price: "5" }]), { count: 0, minor: 0 });
});

test("money is shown with the digits of its currency", () => {
  assert.equal(formatMinor(4800, "USD", "en-US"), "$48.00");
  assert.equal(formatMinor(4800, "JPY", "en-US"), "¥4,800");
});

test("an amount that the buyer types counts in minor units, and what is none counts nothing", () => {
  assert.equal(minorOf("12.50", "USD"), 1250);
  assert.equal(minorOf("12,5", "EUR"), 1250);
  assert.equal(minorOf("500", "JPY"), 500);
  for (const text of ["", "five", "-3", "1e3", "1,000.00"]) assert.equal(minorOf(text, "USD"), 0);
});
