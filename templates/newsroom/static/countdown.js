// Counts down to moments that a page shows: elements with data-countdown="<ISO moment>" hold what
// the server said; they are told anew, in the page's language, as time goes on.

const STEPS = [
  [60, "second", 1],
  [3600, "minute", 60],
  [2 * 86_400, "hour", 3600],
  [Infinity, "day", 86_400],
];
// Arabic here as in the Maghreb: with the digits 0-9.
const language = document.documentElement.lang === "ar" ? "ar-MA" : document.documentElement.lang;
const words = new Intl.RelativeTimeFormat(language, { numeric: "always" });

function tell() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const left = (new Date(place.dataset.countdown) - Date.now()) / 1000;
    const [, unit, size] = STEPS.find(([below]) => Math.abs(left) < below);
    const text = left < 1 ? place.dataset.now : words.format(Math.round(left / size), unit);
    if (place.textContent !== text) place.textContent = text;
  }
}

setInterval(() => document.hidden || tell(), 1000);
document.addEventListener("visibilitychange", tell);
tell();
