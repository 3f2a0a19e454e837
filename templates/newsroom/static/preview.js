// The preview follows what is typed, once the typing rests; and the meters count along.

const desk = document.getElementById("desk");
const RESTS_MS = 900;
let look = "light";
let waiting = 0;

// A frame that is new keeps what it shows out of the browser's history.
function renew() {
  const frame = desk.querySelector("iframe[name=preview]");
  const fresh = frame.cloneNode();
  fresh.removeAttribute("src");
  frame.replaceWith(fresh);
}

function show() {
  const button = [...desk.querySelectorAll("[data-look]")].find((one) => one.value === look);
  if (button) desk.requestSubmit(button);
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(show, RESTS_MS);
}

function press() {
  for (const button of desk.querySelectorAll("[data-look]")) {
    button.setAttribute("aria-pressed", String(button.value === look));
  }
}

function measure(output) {
  const field = desk.elements[output.dataset.meter];
  const about = Number(output.dataset.about);
  const count = [...field.value.trim()].length;
  output.textContent = output.dataset.said.replace("#", count);
  output.classList.toggle("alarming", count > about);
}

if (desk) {
  press();
  if ("typed" in desk.dataset) show();
  desk.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.formTarget !== "preview") return;
    clearTimeout(waiting);
    if (button.matches("[data-look]")) look = button.value;
    else if (button.matches("[data-show]")) button.value = look;
    press();
    renew();
  });
  for (const output of desk.querySelectorAll("[data-meter]")) {
    const field = desk.elements[output.dataset.meter];
    if (field) field.addEventListener("input", () => measure(output));
  }
  for (const name of ["subject", "preheader", "intro"]) {
    const field = desk.elements[name];
    if (field) field.addEventListener("input", later);
  }
  desk.addEventListener("change", (event) => {
    if (event.target === desk) later();
  });
}
