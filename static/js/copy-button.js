// <button type="button" data-copy="reference-id" hidden><span data-copy-words>Copy</span> the reference</button>
// Copies the text of the element named; without a script or a clipboard the button never appears. What is marked with
// data-copy-words (else the whole button) says "Copied" for a while and stays marked as done.

const WHILE = 4000; // milliseconds

export function start(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) {
    return;
  }
  const words = button.querySelector("[data-copy-words]") ?? button;
  const first = words.textContent;
  const status = document.createElement("span");
  status.className = "govuk-visually-hidden";
  status.setAttribute("role", "status");
  button.after(status);
  button.hidden = false;
  let later;
  button.addEventListener("click", async () => {
    clearTimeout(later);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      status.textContent = words.textContent = "Copied";
      button.dataset.copied = "true";
    } catch {
      getSelection().selectAllChildren(source);
      words.textContent = "Not copied";
      status.textContent = "Could not copy. The text is selected: press Ctrl and C";
    }
    later = setTimeout(() => {
      words.textContent = first;
      status.textContent = "";
    }, WHILE);
  });
}
