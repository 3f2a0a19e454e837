// Keeps what a page shows of editions fresh while they leave: elements with data-live="<number>",
// in them texts with data-live-text="<name>" and a <progress>. One stream for the whole page; none
// while nobody looks at it.

const AGAIN_AFTER_MS = 30_000;
const shown = [...document.querySelectorAll("[data-live]:not([data-ended])")];
let stream = null;
let again = 0;

function show(told) {
  for (const root of shown) {
    if (root.dataset.live !== String(told.edition)) continue;
    for (const place of root.querySelectorAll("[data-live-text]")) {
      const text = told.texts[place.dataset.liveText];
      if (text !== undefined && place.textContent !== text) place.textContent = text;
    }
    const bar = root.querySelector("progress");
    if (bar) {
      bar.max = told.readers || 1;
      bar.value = told.done;
    }
    if (root.dataset.state !== told.state) {
      root.dataset.state = told.state;
      const changed = root.querySelector("[data-live-changed]");
      if (changed) changed.hidden = false; // its buttons are those of before
    }
  }
}

function stop() {
  clearTimeout(again);
  stream?.close();
  stream = null;
}

function listen() {
  stop();
  const numbers = [...new Set(shown.map((root) => root.dataset.live))].slice(0, 10);
  if (!numbers.length || document.hidden) return;
  stream = new EventSource(`/newsroom/live/${numbers.join(",")}`);
  stream.onmessage = (event) => show(JSON.parse(event.data));
  stream.addEventListener("end", () => {
    stop();
    shown.length = 0;
  });
  stream.onerror = () => {
    // It tries again by itself, unless it was refused: too many listen, or the session is over.
    if (stream?.readyState === EventSource.CLOSED) again = setTimeout(listen, AGAIN_AFTER_MS);
  };
}

document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", stop);
addEventListener("pageshow", (event) => event.persisted && listen());
listen();
