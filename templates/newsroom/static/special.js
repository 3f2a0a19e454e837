// Writing a special edition: the length of its words, and a preview that follows what is typed.
const WAITS_MS = 900;

for (const field of document.querySelectorAll("[data-meter]")) {
  const meter = document.getElementById(field.dataset.meter);
  const count = meter.parentElement.querySelector("[data-count]");
  field.addEventListener("input", () => {
    const length = [...field.value].length;
    meter.value = length;
    count.textContent = length;
  });
}

const form = document.querySelector("[data-special]");
if (form) {
  const button = form.querySelector("[data-preview]");
  let waiting;
  let number = 0;
  let leaving = false; // a preview asked for now would call off what somebody pressed
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-quiet")) return;
    clearTimeout(waiting);
    leaving = true;
  });
  addEventListener("pageshow", () => { leaving = false; });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    preview();
  });
  form.addEventListener("input", (event) => {
    if (event.target.name === "q") return;
    clearTimeout(waiting);
    waiting = setTimeout(preview, WAITS_MS);
  });
  if (!document.querySelector("iframe.sheet-frame").hasAttribute("src")) preview();

  // A new frame for each: one that was used before would put a step into the back button.
  function preview() {
    clearTimeout(waiting);
    if (leaving) return;
    const old = document.querySelector("iframe.sheet-frame:not(.coming)");
    document.querySelector("iframe.coming")?.remove();
    const frame = old.cloneNode();
    number += 1;
    frame.removeAttribute("src");
    frame.name = `preview-${number}`;
    frame.classList.add("coming");
    let sent = false;
    frame.addEventListener("load", () => {
      if (!sent) return;
      old.remove();
      frame.classList.remove("coming");
    });
    old.after(frame);
    sent = true;
    button.formTarget = frame.name;
    const quiet = document.createElement("button");
    quiet.hidden = true;
    quiet.toggleAttribute("data-quiet", true);
    quiet.setAttribute("formaction", button.getAttribute("formaction"));
    quiet.setAttribute("formtarget", frame.name);
    quiet.formNoValidate = true;
    form.append(quiet);
    form.requestSubmit(quiet);
    quiet.remove();
  }
}

const when = document.querySelector("[data-when]");
if (when) {
  const later = when.querySelector("#when-later");
  for (const name of ["day", "hour"]) {
    when.querySelector(`#${name}`).addEventListener("input", () => { later.checked = true; });
  }
}
