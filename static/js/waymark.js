// Starts the design system's components, then our own scripts where the page has something for them.
// The addresses come from the script tag, where the server writes them with their hashes.
const addresses = document.querySelector("script[data-govuk-frontend]").dataset;

async function startComponents() {
  try {
    const { initAll } = await import(addresses.govukFrontend);
    initAll();
  } catch (error) {
    document.body.classList.remove("js-enabled", "govuk-frontend-supported");
    console.error(error);
  }
}

async function startWhereNeeded(selector, address) {
  const elements = document.querySelectorAll(selector);
  if (elements.length) {
    const { start } = await import(address);
    elements.forEach(start);
  }
}

await Promise.allSettled([
  startComponents(),
  startWhereNeeded("form[data-autosave-url]", addresses.autosave),
  startWhereNeeded(".session-warning", addresses.sessionWarning),
  startWhereNeeded("button[data-copy]", addresses.copyButton),
]);
document.body.dataset.ready = "true"; // for whoever drives a browser: everything that will start has started

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false; // without a script it would do nothing
  button.addEventListener("click", () => window.print());
}
