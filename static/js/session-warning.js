// The dialog two minutes before an idle sign-out. Counts by the clock, so that a laptop that slept is told the truth.
// data-seconds: how long a session lasts without a request; data-stay-url: a POST that renews it.

const WARN_BEFORE = 120;
const READ_OUT = [120, 60, 30, 10];

const post = (url) =>
  fetch(url, {
    method: "POST",
    credentials: "same-origin",
    redirect: "error",
    headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "" },
  });

const inWords = (seconds) => {
  const unit = seconds > 60 ? ["minute", Math.ceil(seconds / 60)] : ["second", Math.max(seconds, 0)];
  return `${unit[1]} ${unit[0]}${unit[1] === 1 ? "" : "s"}`;
};

export function start(dialog) {
  const length = Number(dialog.dataset.seconds);
  const remaining = dialog.querySelector("[data-remaining]");
  const announce = dialog.querySelector("[data-announce]");
  const title = dialog.querySelector("h2");
  const stay = dialog.querySelector("[data-stay]");
  let ends = Date.now() + length * 1000;
  let said = Infinity;

  const renew = () => {
    ends = Date.now() + length * 1000;
    said = Infinity;
    if (dialog.open) {
      dialog.close();
    }
  };

  const tick = () => {
    const left = Math.round((ends - Date.now()) / 1000);
    if (left > WARN_BEFORE) {
      return;
    }
    if (!dialog.open) {
      dialog.showModal();
    }
    if (left <= 0) {
      clearInterval(timer);
      title.textContent = "You have been signed out";
      announce.textContent = "You have been signed out.";
      dialog.querySelector(".govuk-body").textContent = "Sign in again to go on where you were.";
      stay.textContent = "Sign in again";
      return;
    }
    remaining.textContent = inWords(left);
    const due = READ_OUT.find((seconds) => left <= seconds && said > seconds);
    if (due) {
      said = READ_OUT.filter((seconds) => left <= seconds).at(-1);
      announce.textContent = `You will be signed out in ${inWords(left)}.`;
    }
  };

  stay.addEventListener("click", async () => {
    if (Date.now() >= ends) {
      window.location.reload();
      return;
    }
    try {
      const answer = await post(dialog.dataset.stayUrl);
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      renew();
    } catch {
      announce.textContent = remaining.textContent = "a moment: the connection failed. Try again";
    }
  });
  // Escape closes a dialog by itself; that must not look like staying signed in.
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  // An autosave or another tab of ours has renewed the session.
  document.addEventListener("waymark:session-renewed", renew);
  const timer = setInterval(tick, 1000);
}
