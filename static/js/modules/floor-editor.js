// The editor of a floor plan: keeps the plan, what is chosen and what can be undone, and lets drawing, hand, keys, fields and saving follow.
import { draw } from "../floor/draw.js";
import { followKeys } from "../floor/keys.js";
import { BlockPanel } from "../floor/panel.js";
import { PicturePanel } from "../floor/picture.js";
import { followPointer } from "../floor/pointer.js";
import { showFindings, showNumbers, showUnits } from "../floor/lists.js";
import { Saver } from "../floor/save.js";
import { addZoom } from "../floor/zoom.js";
import { alignUnits, copyUnits, distributeUnits, putBlock, relabeled, removeUnits, renumbered, shiftUnits, unitsOf } from "../lib/floor-plan.js";
import { History } from "../lib/floor-history.js";
import { readLength } from "../lib/lengths.js";

const newUid = () => crypto.randomUUID?.().replaceAll("-", "") ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

class Editor {
  constructor(root) {
    Object.assign(this, { root, drawing: root.querySelector(".floor-drawing"), unit: root.dataset.unit, selected: new Set(), bad: new Set(), isPicking: false, newUid });
    const types = JSON.parse(root.dataset.types);
    const say = (words, isBad) => this.say(words, isBad);
    this.blocks = new BlockPanel(root.querySelector("[data-block]"), this, { types, unit: this.unit });
    this.picture = new PicturePanel(root.querySelector("[data-picture]"), this, { unit: this.unit, say });
    this.saver = new Saver(root.dataset.draft, root.dataset.token, {
      get: () => this.plan, say: (words, isBad) => this.say(words, isBad, "[data-saved]"), findings: (found) => this.find(found), conflict: (body) => this.conflict(body),
    });
    root.addEventListener("click", (event) => {
      const deed = event.target.closest("[data-deed]");
      if (deed) this[deed.dataset.deed](deed.dataset.with);
    });
    root.querySelector("[data-units]").addEventListener("change", (event) => this.toggle(event.target.value));
    addZoom(root.querySelector(".plan-frame"), this.drawing, root.querySelector("[data-zoom]"));
    followPointer(this.drawing, this);
    followKeys(root, this.drawing, this);
    addEventListener("beforeunload", (event) => { if (this.history && !this.saver.isSaved) event.preventDefault(); });
  }

  get plan() { return this.history.state; }
  get isSnapping() { return this.root.querySelector("[data-snap]").checked; }
  get chosen() { return unitsOf(this.plan).filter((each) => this.selected.has(each.uid)); }

  async load() {
    const answer = await fetch(this.root.dataset.draft, { headers: { Accept: "application/json" } });
    if (!answer.ok) return this.say("The plan could not be read. Reload the page.", true);
    const { number, plan, findings, held } = await answer.json();
    if (this.history) this.history.reset(plan);
    else this.history = new History(plan);
    this.saver.start(number, plan);
    this.select([]);
    this.find({ findings, held });
    this.say(number ? "Saved." : "Nothing has been changed yet.", false, "[data-saved]");
    this.root.classList.add("is-ready");
  }

  change(plan) {
    this.history.push(plan);
    this.follow();
  }

  follow() {
    const known = new Set(unitsOf(this.plan).map((each) => each.uid));
    this.selected = new Set([...this.selected].filter((uid) => known.has(uid)));
    this.redraw();
    this.saver.changed();
  }

  redraw() {
    draw(this.drawing, this.plan, { selected: this.selected, bad: this.bad, pictures: this.root.dataset.pictures });
    const chosen = this.chosen;
    this.blocks.show(chosen.length === 1 && chosen[0].kind === "block" ? chosen[0].thing : null);
    this.picture.show();
    showUnits(this.root, unitsOf(this.plan), this.selected);
    for (const [deed, can] of [["undo", this.history.past.length], ["redo", this.history.future.length]]) this.root.querySelector(`[data-deed=${deed}]`).disabled = !can;
    showNumbers(this.root, null);
  }

  say(words, isBad = false, where = "[data-say]") {
    const place = this.root.querySelector(where);
    place.textContent = words;
    place.classList.toggle("is-bad", isBad);
  }

  select(uids, adds = false) {
    this.selected = new Set(adds ? [...this.selected, ...uids] : uids);
    this.redraw();
  }

  toggle(uid) {
    const uids = new Set(this.selected);
    if (!uids.delete(uid)) uids.add(uid);
    this.select([...uids]);
  }

  selectAll() { this.select(unitsOf(this.plan).map((each) => each.uid)); }
  put(block) {
    this.selected = new Set();
    this.change(putBlock(this.plan, block, newUid));
    this.say(`Block ${block.name} has ${this.plan.places.filter((place) => place.block === block.uid).length} tables.`);
  }

  move(dx, dy) { if (this.selected.size) this.change(shiftUnits(this.plan, [...this.selected], dx, dy)); }
  undo() { if (this.history.undo()) this.follow(); }
  redo() { if (this.history.redo()) this.follow(); }
  align(edge) { if (this.selected.size > 1) this.change(alignUnits(this.plan, [...this.selected], edge)); else this.say("Choose two or more first."); }
  distribute(axis) { if (this.selected.size > 2) this.change(distributeUnits(this.plan, [...this.selected], axis)); else this.say("Choose three or more first."); }
  moveBy() { const way = this.way(); if (way) this.move(...way); }

  copy() {
    const way = this.way();
    if (!way || !this.selected.size) return;
    const [plan, made] = copyUnits(this.plan, [...this.selected], ...way, newUid);
    this.selected = new Set(made);
    this.change(plan);
  }

  // What the fields "right by" and "down by" say, in millimeters.
  way() {
    const read = ["right", "down"].map((name) => readLength(this.root.querySelector(`[name=by_${name}]`).value || "0", this.unit));
    if (read.includes(null)) this.say("Write how far, such as 2.5; to the left or up with a minus.", true);
    return read.includes(null) ? null : read;
  }

  remove() {
    if (!this.selected.size) return;
    const count = this.chosen.reduce((sum, each) => sum + each.places.length, 0);
    this.change(removeUnits(this.plan, [...this.selected]));
    this.say(`${count} ${count === 1 ? "table" : "tables"} removed. Undo brings them back.`);
  }

  // Numbers before and after of the chosen blocks; the deed comes with the button below the list.
  renumber() {
    const pairs = this.chosen.filter((each) => each.kind === "block").flatMap((each) => renumbered(this.plan, each.uid));
    if (!pairs.length) return this.say("Choose the block whose tables should be numbered anew.");
    showNumbers(this.root, pairs, () => this.change(relabeled(this.plan, pairs)));
  }

  pickPoint(point) { this.picture.take(point); }
  find({ findings, held }) {
    this.bad = new Set(findings.flatMap((finding) => finding.uids));
    showFindings(this.root, findings, held, (uids) => this.choosePlaces(uids));
    draw(this.drawing, this.plan, { selected: this.selected, bad: this.bad, pictures: this.root.dataset.pictures });
  }

  choosePlaces(uids) {
    const wanted = unitsOf(this.plan).filter((each) => uids.includes(each.uid) || each.places.some((place) => uids.includes(place.uid)));
    this.select(wanted.map((each) => each.uid));
    this.drawing.querySelector(".is-chosen")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  conflict(body) {
    const notice = this.root.querySelector("[data-conflict]");
    notice.hidden = false;
    notice.querySelector("[data-who]").textContent = body.detail;
    this.theirs = body.number;
    this.say("Not saved.", true, "[data-saved]");
    notice.querySelector("button").focus();
  }

  takeTheirs() { this.root.querySelector("[data-conflict]").hidden = true; return this.load(); }
  keepMine() { this.root.querySelector("[data-conflict]").hidden = true; return this.saver.insist(this.theirs); }
  saveNow() { return this.saver.save(); }
}

export function mount(root) {
  return new Editor(root).load();
}
