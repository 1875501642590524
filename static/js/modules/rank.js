// A list of wants: each row gets buttons up and down and can be dragged; the numbers in its fields follow. Without script one types the numbers.

function button(mark, words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.textContent = mark;
  made.setAttribute("aria-label", words);
  made.addEventListener("click", act);
  return made;
}

export function mount(list) {
  const rows = () => [...list.querySelectorAll(":scope > [data-row]")];
  let dragged = null;

  function number() {
    rows().forEach((row, index) => {
      row.querySelector("input[name^=rank-]").value = index + 1;
    });
  }
  function move(row, by, made) {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    list.insertBefore(by < 0 ? row : other, by < 0 ? other : row);
    number();
    made.focus();
  }
  for (const row of rows()) {
    const field = row.querySelector("input[name^=rank-]");
    if (field.disabled) continue;
    const title = row.querySelector("b").textContent;
    const up = button("↑", `Like better: ${title}`, () => move(row, -1, up));
    const down = button("↓", `Like less: ${title}`, () => move(row, 1, down));
    field.after(up, down);
    row.draggable = true;
    row.addEventListener("dragstart", () => { dragged = row; });
    row.addEventListener("dragover", (event) => {
      event.preventDefault();
      if (!dragged || dragged === row) return;
      const box = row.getBoundingClientRect();
      list.insertBefore(dragged, event.clientY < box.top + box.height / 2 ? row : row.nextElementSibling);
    });
    row.addEventListener("dragend", () => { dragged = null; number(); });
  }
}
