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

export function start(form) {
  const status = statusLine(form);
  const token = form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  let saved = content(form).toString();
  let saving = false;
  let submitting = false;

  const show = (state, words) => {
    if (status.textContent !== words) {
      status.dataset.state = state;
      status.textContent = words;
    }
  };

  const readVersion = async (answer) => {
    const field = form.elements.namedItem("version");
    if (field && answer.headers.get("Content-Type")?.includes("json")) {
      const { version } = await answer.json();
      if (version !== undefined) {
        field.value = version;
      }
    }
  };

  const save = async ({ leaving = false } = {}) => {
    const body = content(form);
    if (saving || submitting || body.toString() === saved) {
      return;
    }
    saving = true;
    try {
      const answer = await fetch(form.dataset.autosaveUrl, {
        method: "POST",
        body,
        credentials: "same-origin",
        redirect: "error", // a redirect would be the sign-in page
        keepalive: leaving && body.toString().length < 60_000, // browsers refuse more than 64 KiB
        headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" },
      });
      if (answer.ok) {
        await readVersion(answer);
        // The version came back with the save: it is no change of the person's.
        saved = content(form).toString() === body.toString() ? body.toString() : afterVersion(body);
        show("saved", `Saved at ${clock()}`);
        document.dispatchEvent(new Event("waymark:session-renewed"));
      } else {
        show("trouble", TROUBLE[answer.status] ?? OFFLINE);
      }
    } catch {
      show("trouble", OFFLINE);
    } finally {
      saving = false;
    }
  };

  const afterVersion = (body) => {
    const field = form.elements.namedItem("version");
    if (field) {
      body.set("version", field.value);
    }
    return body.toString();
  };

  setInterval(save, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      save({ leaving: true });
    }
  });
  form.addEventListener("submit", () => {
    submitting = true;
  });
  // Back from the next page (kept in memory by the browser): the form is open again.
  window.addEventListener("pageshow", () => {
    submitting = false;
  });
}
