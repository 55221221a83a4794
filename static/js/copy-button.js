// <button type="button" data-copy="reference-id" hidden>Copy the reference</button>
// Copies the text of the element named; without a script or a clipboard the button never appears.

export function start(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) {
    return;
  }
  const words = button.textContent;
  const status = document.createElement("span");
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");
  button.after(status);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      status.textContent = button.textContent = "Copied";
    } catch {
      status.textContent = button.textContent = "Could not copy";
    }
    setTimeout(() => {
      button.textContent = words;
      status.textContent = "";
    }, 4000);
  });
}
