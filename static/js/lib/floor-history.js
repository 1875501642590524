// Pure: states one can go back and forth between. Plans are never changed in place, so a state is only remembered.

export class History {
  constructor(state, most = 100) {
    Object.assign(this, { most, past: [], state, future: [] });
  }

  push(state) {
    if (state === this.state) return;
    this.past = [...this.past, this.state].slice(-this.most);
    this.state = state;
    this.future = [];
  }

  undo() {
    if (!this.past.length) return false;
    this.future.push(this.state);
    this.state = this.past.pop();
    return true;
  }

  redo() {
    if (!this.future.length) return false;
    this.past.push(this.state);
    this.state = this.future.pop();
    return true;
  }

  // Another starting point: what came before belongs to another plan.
  reset(state) {
    Object.assign(this, { past: [], state, future: [] });
  }
}
