// Brings allauth's passkey script to life from data attributes (its own way needs inline data), and tells people what
// went wrong. Without a script, or in a browser without passkeys, the element stays hidden and the code form remains.
// <div data-passkey="login | add | authenticate" hidden> with #passkey-button, #passkey-credential and, for the last
// two, #passkey-options: a JSON script element.

const place = document.querySelector("[data-passkey]");
const without = document.querySelector("[data-passkey-without]");
// WebAuthn knows host names only: at http://127.0.0.1 it fails, at http://localhost it works.
const numeric = /^[\d.]+$|^\[/.test(window.location.hostname);
const usable = window.isSecureContext && window.PublicKeyCredential && !numeric;

function tell(words) {
  const trouble = place.querySelector("[data-passkey-trouble]");
  trouble.textContent = words;
  trouble.hidden = false;
}

if (place && usable) {
  const ids = { credential: "passkey-credential", data: "passkey-options" };
  const kinds = {
    login: ["loginForm", { login: "passkey-button" }],
    // allauth's form for adding would ask for a mere second factor; the one for signing up takes our options as they are.
    add: ["signupForm", { signup: "passkey-button" }],
    authenticate: ["authenticateForm", { authenticate: "passkey-button" }],
  };
  const [form, button] = kinds[place.dataset.passkey];
  window.allauth.webauthn.forms[form]({ ids: { ...ids, ...button } });
  place.hidden = false;
  if (without) {
    without.hidden = true;
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const name = event.detail.exception?.name;
    if (name === "InvalidStateError") {
      tell("There is already a passkey of yours on this device.");
    } else if (name === "NotAllowedError") {
      tell("The passkey was not used: the window was closed, or it took too long. Try again, or use a code.");
    } else {
      tell("This did not work. Try again, or use a code.");
    }
  });
}
