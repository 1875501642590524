// The number fields beside the drawing: one form adds a block or changes the chosen one; others move and copy by numbers.
import { faultOf } from "../lib/floor-blocks.js";
import { nextName, unitsOf } from "../lib/floor-plan.js";
import { readLength, shownLength } from "../lib/lengths.js";

const LENGTHS = ["x", "y", "w", "d", "gap", "gap_back", "frame_w", "frame_d"];
const WHOLE = { n: [1, 400], m: [0, 200], rot: [0, 359], start: [0, 99_999], digits: [1, 5], step: [1, 100] };
const AWAY_MM = 2500;

export class BlockPanel {
  constructor(form, editor, { types, unit }) {
    Object.assign(this, { form, editor, types, unit, fields: form.elements, shown: null });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.fields.type.addEventListener("change", () => this.sizeByType());
    this.fields.kind.addEventListener("change", () => this.showFields());
  }

  // Show the chosen block; without one, what the next block would be.
  show(block) {
    const key = block ? JSON.stringify(block) : `next ${this.editor.plan.blocks.length}`;
    if (this.shown === key) return;
    this.shown = key;
    this.uid = block?.uid ?? null;
    this.form.querySelector("[data-title]").textContent = block ? `Block ${block.name}` : "Add a block";
    this.form.querySelector("button").textContent = block ? "Change the block" : "Add the block";
    this.fill(block ?? this.next());
    this.showFields();
    this.tell("");
  }

  fill(block) {
    for (const name of LENGTHS) this.fields[name].value = shownLength(block[`${name}_mm`], this.unit);
    const rule = block.numbering;
    const values = { kind: block.kind, name: block.name, type: block.type, n: block.n, m: block.m, rot: Math.round(block.rot_ddeg / 10), side: block.side, faces: block.faces };
    Object.assign(values, { start: rule.start, digits: rule.digits, step: rule.step, order: rule.order, prefix: rule.prefix === block.name ? "" : rule.prefix, skip: rule.skip.join(", ") });
    for (const [name, value] of Object.entries(values)) this.fields[name].value = value;
  }

  next() {
    const { plan } = this.editor;
    const type = this.types[0] ?? { code: "", w: 1829, d: 762 };
    const last = plan.blocks.at(-1);
    const below = last ? unitsOf(plan).find((unit) => unit.uid === last.uid).box.bottom + AWAY_MM : AWAY_MM;
    const rule = { prefix: "", start: 1, step: 1, digits: 2, order: "along", skip: [] };
    const base = last ?? { kind: "island", type: type.code, x_mm: AWAY_MM, w_mm: type.w, d_mm: type.d, n: 10, m: 0, gap_mm: 0, gap_back_mm: 0, frame_w_mm: 0, frame_d_mm: 0, rot_ddeg: 0, side: "S", faces: "in" };
    const name = nextName(plan, last?.name || "A");
    return { ...base, name, y_mm: Math.ceil(below / 50) * 50, numbering: { ...(last?.numbering ?? rule), prefix: name } };
  }

  sizeByType() {
    const type = this.types.find(({ code }) => code === this.fields.type.value);
    if (!type) return;
    this.fields.w.value = shownLength(type.w, this.unit);
    this.fields.d.value = shownLength(type.d, this.unit);
  }

  showFields() {
    for (const part of this.form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(this.fields.kind.value);
  }

  submit() {
    const [block, fault] = this.read();
    if (fault) return this.tell(fault);
    this.tell("");
    this.editor.put(block);
  }

  // [block, ""] or [null, what is wrong]; the field with the fault is marked and gets the focus.
  read() {
    for (const each of this.form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
    const block = { uid: this.uid ?? this.editor.newUid(), kind: this.fields.kind.value, name: this.fields.name.value.trim(), type: this.fields.type.value, side: this.fields.side.value, faces: this.fields.faces.value };
    const numbers = {};
    for (const name of LENGTHS) {
      const mm = readLength(this.fields[name].value || "0", this.unit);
      if (mm === null || ((name === "w" || name === "d") && mm < 1) || (!["x", "y"].includes(name) && mm < 0)) return this.fault(name, "is a length such as 6 or 2.5.");
      block[`${name}_mm`] = mm;
    }
    for (const [name, [low, high]] of Object.entries(WHOLE)) {
      const value = Number(this.fields[name].value || "0");
      if (!Number.isInteger(value) || value < low || value > high) return this.fault(name, `is a whole number from ${low} to ${high}.`);
      numbers[name] = value;
    }
    if (!block.name || block.name.length > 12) return this.fault("name", "is a short name such as A.");
    Object.assign(block, { n: numbers.n, m: block.kind === "row" ? 0 : numbers.m, rot_ddeg: numbers.rot * 10 });
    const skip = this.fields.skip.value.split(/[^0-9]+/).filter(Boolean).map(Number);
    block.numbering = { prefix: this.fields.prefix.value.trim() || block.name, start: numbers.start, step: numbers.step, digits: numbers.digits, order: this.fields.order.value, skip };
    const words = faultOf(block);
    return words ? [null, words] : [block, ""];
  }

  fault(name, words) {
    const field = this.fields[name];
    field.setAttribute("aria-invalid", "true");
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    return [null, `“${this.form.querySelector(`label[for="${field.id}"]`).textContent.trim()}” ${words}`];
  }

  tell(words) {
    const place = this.form.querySelector("[data-fault]");
    place.hidden = !words;
    place.querySelector("span").textContent = words;
  }
}
