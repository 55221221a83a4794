// Runs first in <body>: tells the style sheets that scripts run, so that what a script will reveal starts hidden.
// If a later script does not arrive, everything is shown again: nobody may be left with a field they cannot reach.
(function () {
  "use strict";
  const classes = document.body.classList;
  classes.add("js-enabled");
  if ("noModule" in HTMLScriptElement.prototype) {
    classes.add("govuk-frontend-supported");
  }
  window.addEventListener("error", function (event) {
    if (event.target instanceof HTMLScriptElement) {
      classes.remove("js-enabled", "govuk-frontend-supported");
    }
  }, true);
})();
