// Draws a signature as an SVG path of whole numbers (M, L) and puts it into the form; without it the name is typed.
"use strict";
(() => {
  const box = document.querySelector("[data-signature]");
  if (!box) return;
  const pad = box.querySelector("svg");
  const line = pad.querySelector("path");
  const field = document.querySelector("input[name=path]");
  const width = Number(pad.dataset.width), height = Number(pad.dataset.height);
  const MOST = 1900, NEAR = 3;
  let path = field.value, count = path ? path.split(/[ML]/).length - 1 : 0, last = null;
  const show = () => { line.setAttribute("d", path); field.value = path; };
  const point = (event) => {
    const at = pad.getBoundingClientRect();
    const limit = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
    return [limit(((event.clientX - at.left) / at.width) * width, width), limit(((event.clientY - at.top) / at.height) * height, height)];
  };
  const add = (letter, [x, y]) => {
    if (count >= MOST) return;
    path += `${path ? " " : ""}${letter} ${x} ${y}`;
    count += 1;
    last = [x, y];
  };
  pad.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return;
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    add("M", point(event));
    show();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!last || !event.isPrimary) return;
    const next = point(event);
    if (Math.abs(next[0] - last[0]) + Math.abs(next[1] - last[1]) < NEAR) return;
    add("L", next);
    show();
  });
  const lift = () => { last = null; };
  pad.addEventListener("pointerup", lift);
  pad.addEventListener("pointercancel", lift);
  box.querySelector("[data-clear]").addEventListener("click", () => { path = ""; count = 0; show(); });
  const typed = document.querySelector("[data-typed]");
  if (typed && !typed.hasAttribute("data-keep")) typed.open = false;
  box.hidden = false;
  show();
})();
