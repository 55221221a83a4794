// Adds "Tick all on this page" above the queue. Without scripts the boxes are ticked one by one.
(() => {
  "use strict";
  const title = document.querySelector(".queue-chosen__title");
  const boxes = [...document.querySelectorAll("#result_list .pick")];
  if (!title || !boxes.length) return;
  const label = document.createElement("label");
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "pick";
  all.autocomplete = "off";
  label.className = "queue-chosen__all";
  label.append(all, " Tick all on this page");
  title.before(label);
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
})();
