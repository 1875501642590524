// The door's desk: the field is ready after each answer, and a sound tells good from bad when it is wanted.
import { tonesFor } from "../lib/door-tones.js";

const KEY = "swapmeet-door-sound";
let audio = null;

function play(kind) {
  audio ??= new AudioContext();
  for (const tone of tonesFor(kind)) {
    const voice = audio.createOscillator();
    const volume = audio.createGain();
    voice.frequency.value = tone.hertz;
    volume.gain.value = 0.15;
    voice.connect(volume).connect(audio.destination);
    voice.start(audio.currentTime + tone.at);
    voice.stop(audio.currentTime + tone.at + tone.seconds);
  }
}

function soundSwitch() {
  const line = document.createElement("div");
  line.className = "form-check";
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", className: "form-check-input", id: "door-sound", checked: localStorage.getItem(KEY) === "on" });
  box.addEventListener("change", () => {
    localStorage.setItem(KEY, box.checked ? "on" : "off");
    if (box.checked) play("ok");
  });
  const label = document.createElement("label");
  Object.assign(label, { className: "form-check-label", htmlFor: "door-sound", textContent: "Sound" });
  line.append(box, label);
  return line;
}

// A hand-held scanner types into the field. On a touch screen, or while the camera reads, the keyboard would only cover the answer.
function wantsKeys() {
  return !matchMedia("(pointer: coarse)").matches && document.body.dataset.camera !== "on";
}

export function mount(desk) {
  const field = desk.querySelector("#door-code");
  field.closest("form").append(soundSwitch());
  if (wantsKeys()) {
    field.focus({ preventScroll: true });
    field.select();
  }
  if (desk.dataset.kind && localStorage.getItem(KEY) === "on") play(desk.dataset.kind);
}
