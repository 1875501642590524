// Reads QR codes from the camera into the door's field and sends the form. Needs the camera's permission; nothing leaves the browser.
import { isNewScan } from "../lib/door-tones.js";

const PAUSE_MS = 120;

async function loadDecoder(address) {
  if (!window.jsQR) {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
  }
  return window.jsQR;
}

export function mount(section) {
  if (!navigator.mediaDevices?.getUserMedia) return;
  const frame = section.querySelector("[data-frame]");
  const video = section.querySelector("video");
  const status = section.querySelector("[data-status]");
  const [start, stop] = [section.querySelector("[data-start]"), section.querySelector("[data-stop]")];
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let stream = null;
  let last = { code: "", at: 0 };

  function show(isOn) {
    start.hidden = isOn;
    stop.hidden = !isOn;
    frame.hidden = !isOn;
    document.body.dataset.camera = isOn ? "on" : "off";
  }
  function send(code) {
    const field = document.getElementById(section.dataset.field);
    field.value = code;
    field.form.requestSubmit();
  }
  function look(decode) {
    if (!stream) return;
    if (video.videoWidth) {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      context.drawImage(video, 0, 0);
      const image = context.getImageData(0, 0, canvas.width, canvas.height);
      const found = decode(image.data, image.width, image.height, { inversionAttempts: "dontInvert" });
      if (found?.data) {
        const isNew = isNewScan(found.data, Date.now(), last);
        last = { code: found.data, at: Date.now() };
        if (isNew) send(found.data);
      }
    }
    setTimeout(() => look(decode), PAUSE_MS);
  }
  async function begin() {
    try {
      const decode = await loadDecoder(section.dataset.decoder);
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      await video.play();
      status.textContent = "The camera is on. Hold the code of a ticket in front of it.";
      show(true);
      look(decode);
    } catch (error) {
      status.textContent = error.name === "NotAllowedError" ? "The browser did not allow the camera." : "The camera did not start.";
    }
  }
  function end() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    status.textContent = "The camera is off.";
    show(false);
  }
  start.addEventListener("click", begin);
  stop.addEventListener("click", end);
  section.hidden = false;
}
