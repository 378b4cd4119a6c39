// Alarms come up by themselves. Asks the school's server; it answers 304 while nothing has changed and says when to ask again.
"use strict";
const live = document.querySelector("[data-live]");
if (live) {
  const place = live.querySelector("[data-live-alarms]");
  const state = live.querySelector(".ab-live-state");
  let tag = "", wait = 30, failed = 0, timer = 0, asking = false;
  const say = (text) => { state.textContent = text; state.hidden = !text; };
  const show = (html) => {
    if (html.trim() === place.innerHTML.trim()) return;
    place.innerHTML = html; // our own server's fragment; the policy of the page runs no script in it
    document.title = document.title.replace(/^⚠ /, "");
    if (place.querySelector("[data-unseen]")) {
      document.title = "⚠ " + document.title;
      if (navigator.vibrate) navigator.vibrate([300, 100, 300]);
    }
  };
  const look = async () => {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    try {
      const answer = await fetch(live.dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
      if (answer.status === 403 || answer.redirected) { say(live.dataset.out); return; }
      if (answer.status === 200) {
        tag = answer.headers.get("ETag") || "";
        wait = Number(answer.headers.get("X-Look-Again")) || 30;
        show(await answer.text());
      } else if (answer.status !== 304) throw new Error(String(answer.status));
      failed = 0;
      say("");
    } catch {
      failed += 1;
      if (failed >= 3) say(live.dataset.lost);
    } finally { asking = false; }
    timer = setTimeout(look, 1000 * (document.hidden ? Math.max(wait, 10) : Math.min(wait * (1 + failed), 30)));
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  look();
}
