// Lets the hold of a special edition tick, by the server's clock; looks again when it is over.
const SPOKEN = [60, 30, 10];

for (const section of document.querySelectorAll("[data-until]")) {
  const left = section.querySelector("[data-left]");
  const said = section.querySelector("[data-said]");
  if (!left) continue;
  const began = performance.now();
  const whole = (Date.parse(section.dataset.until) - Date.parse(section.dataset.now)) / 1000;
  const timer = setInterval(() => {
    const seconds = Math.max(0, Math.round(whole - (performance.now() - began) / 1000));
    left.textContent = clock(seconds);
    if (SPOKEN.includes(seconds)) said.textContent = left.textContent;
    if (seconds === 0) {
      clearInterval(timer);
      setTimeout(() => location.replace(location.pathname), 3000);
    }
  }, 500);
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
