// Small conveniences; every page works without them. Focus goes to the error summary; a menu closes on Escape and outside.
"use strict";
const summary = document.querySelector("[data-focus-first]");
if (summary) summary.focus();
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.ab-drop[open]").forEach((drop) => { drop.open = false; drop.querySelector("summary").focus(); });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.ab-drop[open]").forEach((drop) => { if (!drop.contains(event.target)) drop.open = false; });
});
