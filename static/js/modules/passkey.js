// Asks the device for a passkey (or its answer) and sends the form with it. The form carries the server's options as JSON.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => (list ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

async function create(options) {
  const user = { ...options.user, id: toBytes(options.user.id) };
  const publicKey = { ...options, user, challenge: toBytes(options.challenge), excludeCredentials: withBytes(options.excludeCredentials) };
  const made = await navigator.credentials.create({ publicKey });
  return answer(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? null,
  });
}

async function get(options) {
  const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) };
  const shown = await navigator.credentials.get({ publicKey });
  return answer(shown, {
    authenticatorData: toText(shown.response.authenticatorData),
    signature: toText(shown.response.signature),
    userHandle: toText(shown.response.userHandle ?? new ArrayBuffer(0)),
  });
}

function answer(credential, response) {
  response.clientDataJSON = toText(credential.response.clientDataJSON);
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

export function mount(form) {
  const words = form.querySelector("[data-passkey-words]");
  const again = form.querySelector("button");
  const ask = async () => {
    words.textContent = "Your device asks you now. Do what it shows.";
    again.hidden = true;
    try {
      const deed = form.dataset.deed === "create" ? create : get;
      form.elements.credential.value = await deed(JSON.parse(form.dataset.options));
      form.submit();
    } catch (error) {
      words.textContent = error.name === "InvalidStateError"
        ? "This device is registered already."
        : "Nothing was sent: the device was not asked, or the question was closed.";
      again.hidden = false;
    }
  };
  if (!navigator.credentials || !window.PublicKeyCredential) {
    words.textContent = "This browser cannot use passkeys. Use your password.";
    return;
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  ask();
}
