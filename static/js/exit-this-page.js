// Leaves this page at once, on a click or after Shift three times, and takes its place in the history of the tab.
// The design system's component would only go on to the next page: "back" would return here. It still shows the three
// lights and says how many presses are left. A script of its own, and an old one: it works before anything else has
// arrived and where modules do not.
(function () {
  "use strict";
  var PRESSES = 3;
  var WITHIN_MILLISECONDS = 5000;
  var button = document.querySelector(".govuk-js-exit-this-page-button");
  var skipLink = document.querySelector(".govuk-js-exit-this-page-skiplink");
  var title = document.title;
  var presses = 0;
  var heldBefore = false;
  var overlay = null;
  var forgetting;
  if (!button) {
    return;
  }

  function leave(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    forget();
    if (!overlay) {
      overlay = document.createElement("div");
      overlay.className = "govuk-exit-this-page-overlay";
      overlay.setAttribute("role", "alert");
      document.body.appendChild(overlay);
    }
    document.body.classList.add("govuk-exit-this-page-hide-content");
    overlay.textContent = "Loading.";
    document.title = "Loading";
    window.location.replace(button.href);
  }

  function forget() {
    presses = 0;
    window.clearTimeout(forgetting);
  }

  button.addEventListener("click", leave, true);
  if (skipLink) {
    skipLink.addEventListener("click", leave, true);
  }
  document.addEventListener("keyup", function (event) {
    if (event.key !== "Shift" || heldBefore) {
      forget(); // Shift was part of a capital letter
    } else {
      presses += 1;
      window.clearTimeout(forgetting);
      forgetting = window.setTimeout(forget, WITHIN_MILLISECONDS);
      if (presses === PRESSES) {
        leave(event);
      }
    }
    heldBefore = event.shiftKey;
  }, true);
  window.addEventListener("pageshow", function () {
    // The browser may bring the page back as it was left.
    document.body.classList.remove("govuk-exit-this-page-hide-content");
    document.title = title;
    if (overlay) {
      overlay.parentNode.removeChild(overlay);
      overlay = null;
    }
    forget();
  });
})();
