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
// On a phone the filters would fill the screen: they are folded behind one button, unless something is wrong in them.
document.querySelectorAll("[data-fold]").forEach((button) => {
  const form = button.closest("form");
  const fold = (is) => { form.classList.toggle("folded", is); button.setAttribute("aria-expanded", String(!is)); };
  button.hidden = false;
  fold(!form.querySelector(".ab-filters-error, .ab-error"));
  button.addEventListener("click", () => fold(!form.classList.contains("folded")));
});
