// Starts the design system's components, then our own scripts where the page has something for them.
// The addresses come from the script tag, where the server writes them with their hashes.
const addresses = document.querySelector("script[data-govuk-frontend]").dataset;

async function startComponents() {
  try {
    const { initAll } = await import(addresses.govukFrontend);
    initAll();
  } catch (error) {
    document.body.classList.remove("js-enabled", "govuk-frontend-supported");
    throw error;
  }
}

async function startWhereNeeded(selector, address) {
  const elements = document.querySelectorAll(selector);
  if (elements.length) {
    const { start } = await import(address);
    elements.forEach(start);
  }
}

startComponents();
startWhereNeeded("form[data-autosave-url]", addresses.autosave);
startWhereNeeded(".session-warning", addresses.sessionWarning);
startWhereNeeded("button[data-copy]", addresses.copyButton);
