// The picture under the plan: its true size by two points and the way between them, or by number fields.
import { calibrated } from "../lib/floor-plan.js";
import { readLength, shownLength } from "../lib/lengths.js";

export class PicturePanel {
  constructor(form, editor, { unit, say }) {
    Object.assign(this, { form, editor, unit, say, points: [] });
    if (!form) return;
    form.querySelector("[data-pick]").addEventListener("click", () => this.pick());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply(event.submitter?.dataset.by);
    });
  }

  show() {
    const background = this.editor.plan.background;
    if (!this.form) return;
    this.form.hidden = !background;
    if (!background || this.form.contains(document.activeElement)) return;
    for (const name of ["x", "y", "w"]) this.form.elements[`picture_${name}`].value = shownLength(background[`${name}_mm`], this.unit);
  }

  pick() {
    this.points = [];
    this.editor.isPicking = true;
    this.say("Click one end of something whose length you know, such as a wall.");
  }

  // One of the two clicks; true while another one is wanted.
  take(point) {
    this.points.push(point);
    this.editor.isPicking = this.points.length < 2;
    this.say(this.editor.isPicking ? "Now click its other end." : "Write how long that is, then press “Set the scale”.");
    if (!this.editor.isPicking) this.form.elements.picture_length.focus();
  }

  apply(by) {
    const { background } = this.editor.plan;
    if (by === "points") {
      const length = readLength(this.form.elements.picture_length.value, this.unit);
      if (this.points.length < 2) return this.say("Press “Choose two points” first.", true);
      if (!length || length < 1) return this.say("Write the length between the two points.", true);
      this.editor.change({ ...this.editor.plan, background: calibrated(background, ...this.points, length) });
      this.points = [];
      return this.say("The picture has its true size now.");
    }
    const [x, y, w] = ["x", "y", "w"].map((name) => readLength(this.form.elements[`picture_${name}`].value, this.unit));
    if (x === null || y === null || !(w > 0)) return this.say("Write three lengths for the picture.", true);
    const d = Math.max(1, Math.round((background.d_mm * w) / background.w_mm));
    this.editor.change({ ...this.editor.plan, background: { ...background, x_mm: x, y_mm: y, w_mm: w, d_mm: d } });
  }
}
