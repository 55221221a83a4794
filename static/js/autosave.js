// Saves the form of a draft while it is typed: <form data-autosave-url="..." method="post">.
// Every 20 seconds when something has changed, and when the page is left or hidden. Nothing is kept in the browser.
// The server answers 2xx when saved (with JSON {"version": n} where the form carries a field `version`).

const EVERY = 20_000;

const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

const TROUBLE = {
  403: "Not saved: you may have been signed out. Open this service in another tab, sign in, and go on here.",
  404: "Not saved: this draft is no longer open. Copy what you need before you leave the page.",
  409: "Not saved: this draft was changed in another tab or on another device. Reload the page to see the newest version.",
  413: "Not saved: there is too much text on this page. Shorten it, and it is saved.",
};
const OFFLINE = "Not saved just now: no connection. Keep this page open; saving goes on by itself.";

function statusLine(form) {
  const line = document.createElement("p");
  line.className = "autosave-status";
  line.setAttribute("role", "status");
  (form.querySelector(".govuk-button-group") ?? form.lastElementChild).before(line);
  return line;
}

function content(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    if (value instanceof File) {
      data.delete(name); // a file is sent once, with the button
    }
  }
  return new URLSearchParams(data);
}

// What the person typed, without what the page itself changes.
const typed = (body) => {
  const own = new URLSearchParams(body);
  own.delete("version");
  return own.toString();
};

async function readVersion(form, answer) {
  const field = form.elements.namedItem("version");
  if (field && answer.headers.get("Content-Type")?.includes("json")) {
    field.value = (await answer.json()).version ?? field.value;
  }
}

function send(form, body, leaving) {
  return fetch(form.dataset.autosaveUrl, {
    method: "POST",
    body,
    credentials: "same-origin",
    redirect: "error", // a redirect would be the sign-in page
    keepalive: leaving && body.toString().length < 60_000, // browsers refuse more than 64 KiB
    signal: AbortSignal.timeout(10_000),
    headers: {
      "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "",
      "X-Requested-With": "fetch",
    },
  });
}

export function start(form) {
  const status = statusLine(form);
  let saved = typed(content(form));
  let saving = null; // the promise of the save under way

  const show = (state, words) => {
    if (status.textContent !== words) {
      status.dataset.state = state;
      status.textContent = words;
    }
  };

  const save = async (leaving) => {
    const body = content(form);
    if (typed(body) === saved) {
      return;
    }
    try {
      const answer = await send(form, body, leaving);
      if (!answer.ok) {
        show("trouble", TROUBLE[answer.status] ?? OFFLINE);
        return;
      }
      await readVersion(form, answer);
      saved = typed(body);
      show("saved", `Saved at ${clock()}`);
      document.dispatchEvent(new Event("waymark:session-renewed"));
    } catch {
      show("trouble", OFFLINE);
    }
  };

  const saveOnce = (leaving = false) => {
    saving ??= save(leaving).finally(() => {
      saving = null;
    });
    return saving;
  };

  setInterval(() => saveOnce(), EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      saveOnce(true);
    }
  });
  // A button pressed during a save waits for it, so that the page is sent with the draft's newest version.
  form.addEventListener("submit", (event) => {
    if (saving) {
      event.preventDefault();
      const { submitter } = event;
      saving.then(() => form.requestSubmit(submitter));
    }
  });
}
