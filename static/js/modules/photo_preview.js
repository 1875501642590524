// A form with photos to send: shows what was chosen, and says at once which file is too large. The server decides all the same.

const MAX_BYTES = 10 * 1024 * 1024;

export function mount(form) {
  const input = form.querySelector("input[type=file]");
  const place = form.querySelector("[data-preview]");
  if (!input || !place) return;
  input.addEventListener("change", () => {
    for (const old of place.querySelectorAll("img")) URL.revokeObjectURL(old.src);
    place.replaceChildren(...[...input.files].map(card));
    place.hidden = input.files.length === 0;
  });
}

function card(file) {
  const figure = document.createElement("figure");
  const image = document.createElement("img");
  const words = document.createElement("figcaption");
  image.src = URL.createObjectURL(file);
  image.alt = "";
  image.className = "full rounded";
  words.textContent = file.size > MAX_BYTES ? `${file.name}: too large, 10 MB at most` : file.name;
  image.addEventListener("error", () => image.remove());
  figure.append(image, words);
  return figure;
}
