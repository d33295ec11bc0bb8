"use strict";
// Keeps a page with an open job up to date: asks for the state of jobs, and fetches the page again when it has changed.
(() => {
  const POLL_MS = 1000;
  const SLOWEST_MS = 15000;
  const watched = document.querySelector("[data-watch]").dataset.watch;
  let seen = "";
  let waitMs = POLL_MS;

  async function text(address) {
    const answer = await fetch(address, { cache: "no-store" });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    return answer.text();
  }

  // Elements stay and get new content: screen readers speak a status only if it was there before it changed.
  function renew(fresh) {
    document.title = fresh.title;
    for (const part of document.querySelectorAll("[data-part]")) {
      const source = fresh.getElementById(part.id);
      if (!source || part.innerHTML === source.innerHTML) continue;
      const focused = part.contains(document.activeElement) ? document.activeElement : null;
      part.replaceChildren(...source.childNodes);
      if (focused) keepFocus(part, focused);
    }
  }

  // What has taken the place of a focused button is another act: nobody is to set it off by mistake.
  function keepFocus(part, focused) {
    const address = focused.getAttribute("href");
    const same = address && part.querySelector(`[href="${CSS.escape(address)}"]`);
    (same || document.querySelector("h1")).focus();
  }

  function lose() {
    const state = document.getElementById("state");
    const words = "The service does not answer. Trying again.";
    if (state && state.textContent !== words) state.textContent = words;
    seen = "";
    waitMs = Math.min(2 * waitMs, SLOWEST_MS);
  }

  async function look() {
    let isOpen = true;
    try {
      const now = await text(watched);
      if (now !== seen) {
        const fresh = new DOMParser().parseFromString(await text(location.pathname + location.search), "text/html");
        renew(fresh);
        isOpen = fresh.querySelector("[data-watch]") !== null;
        seen = now;
      }
      waitMs = POLL_MS;
    } catch {
      lose();
    }
    if (isOpen) setTimeout(look, waitMs);
  }

  setTimeout(look, POLL_MS);
})();
