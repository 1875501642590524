// Saves the plan by itself a moment after each change, with the number it grew from; tells in words when somebody else was faster.

const PAUSE_MS = 1200;
const AGAIN_MS = 8000;

export class Saver {
  constructor(url, token, { get, say, findings, conflict }) {
    Object.assign(this, { url, token, get, say, findings, conflict, number: 0, saved: null, timer: null, busy: false });
  }

  start(number, plan) {
    Object.assign(this, { number, saved: plan });
  }

  get isSaved() {
    return this.get() === this.saved && !this.busy;
  }

  changed() {
    clearTimeout(this.timer);
    if (this.get() === this.saved) return this.say("Saved.");
    this.say("Not saved yet …");
    this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  // Overwrite what somebody else has saved: the number to save on is theirs.
  insist(number) {
    this.number = number;
    return this.save();
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy) return;
    const plan = this.get();
    this.busy = true;
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({ seen: this.number, plan }),
      });
      const body = await answer.json();
      this.busy = false;
      if (answer.status === 409) return this.conflict(body);
      if (!answer.ok) return this.say(body.detail ?? "This could not be saved.", true);
      Object.assign(this, { number: body.number, saved: plan });
      this.findings(body);
      this.changed();
    } catch {
      this.busy = false;
      this.say("There is no connection. Your drawing is kept here and will be saved as soon as there is.", true);
      this.timer = setTimeout(() => this.save(), AGAIN_MS);
    }
  }
}
