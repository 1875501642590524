// The lists beside the drawing: what can be chosen, numbers before and after, what is still to mend.

function part(tag, text = "", more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}

// One box for each block and loose table: the keyboard's and the screen reader's way to choose.
export function showUnits(root, units, selected) {
  const list = root.querySelector("[data-units]");
  const focused = document.activeElement?.closest?.("[data-units]") ? document.activeElement.value : null;
  const inOrder = [...units].sort((one, other) => one.kind.localeCompare(other.kind) || one.name.localeCompare(other.name, undefined, { numeric: true }));
  list.replaceChildren(...inOrder.map((each) => {
    const item = part("li");
    const label = part("label", "", { className: "floor-choice" });
    const box = part("input", "", { type: "checkbox", value: each.uid, checked: selected.has(each.uid), className: "form-check-input" });
    label.append(box, each.kind === "block" ? `Block ${each.name || "without a name"}: ${each.places.length}` : `Table ${each.name}`);
    item.append(label);
    return item;
  }));
  const tables = units.reduce((sum, each) => sum + each.places.length, 0);
  const chosen = units.filter((each) => selected.has(each.uid));
  root.querySelector("[data-count]").textContent = `${tables} ${tables === 1 ? "table" : "tables"}${chosen.length ? `, ${chosen.reduce((sum, each) => sum + each.places.length, 0)} of them chosen` : ""}`;
  if (focused) [...list.querySelectorAll("input")].find((box) => box.value === focused)?.focus();
}

export function showNumbers(root, pairs, deed) {
  const place = root.querySelector("[data-numbers]");
  place.hidden = !pairs;
  if (!pairs) return place.querySelector("tbody").replaceChildren();
  place.querySelector("tbody").replaceChildren(...pairs.map(([before, after]) => {
    const row = part("tr");
    row.append(part("td", before.label), part("td", after));
    return row;
  }));
  const button = place.querySelector("button");
  button.onclick = deed;
  button.focus();
}

export function showFindings(root, findings, held, choose) {
  const list = root.querySelector("[data-findings]");
  root.querySelector("[data-fine]").hidden = findings.length + held.length > 0;
  list.replaceChildren(
    ...held.map((words) => part("li", words)),
    ...findings.slice(0, 30).map((finding) => {
      const item = part("li");
      const button = part("button", finding.message, { type: "button", className: "btn-plain" });
      button.addEventListener("click", () => choose(finding.uids));
      item.append(button);
      return item;
    }),
  );
}
