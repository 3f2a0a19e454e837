// The order of an edition's articles: its buttons move them without asking the server, and they
// can be dragged. What is moved stands in the form's hidden fields, as without this.

const desk = document.getElementById("desk");
const list = desk && desk.querySelector("[data-lineup]");
const said = desk && desk.querySelector("[data-order-said]");

function tell(pattern, item) {
  const place = [...list.children].indexOf(item) + 1;
  said.textContent = pattern.replace("{title}", item.dataset.title).replace("{place}", place);
}

function lead() {
  return desk.elements.lead.value;
}

function changed(item) {
  tell(said.dataset.said, item);
  desk.dispatchEvent(new Event("change", { bubbles: true }));
}

function pinned(item) {
  return item !== null && item.dataset.article === lead();
}

const moves = {
  up(item) {
    const before = item.previousElementSibling;
    if (before && !pinned(before)) before.before(item);
  },
  down(item) {
    const after = item.nextElementSibling;
    if (after) after.after(item);
  },
  first(item) {
    const top = list.firstElementChild;
    if (pinned(top)) top.after(item);
    else list.prepend(item);
  },
};

function press(event) {
  const button = event.target.closest("button[data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li");
  if (!pinned(item)) moves[button.dataset.move](item);
  button.focus();
  item.scrollIntoView({ block: "nearest" });
  changed(item);
}

let dragged = null;

function over(event) {
  if (!dragged) return;
  const item = event.target.closest("li");
  if (!item || item === dragged || item.parentElement !== list) return;
  event.preventDefault();
  const box = item.getBoundingClientRect();
  const below = event.clientY > box.top + box.height / 2;
  if (below) item.after(dragged);
  else if (!pinned(item)) item.before(dragged);
}

function drop() {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  changed(dragged);
  dragged = null;
}

if (list && list.querySelector("button[data-move]")) {
  list.addEventListener("click", press);
  list.addEventListener("dragstart", (event) => {
    const item = event.target.closest("li");
    if (!item || event.target !== item || pinned(item)) return;
    dragged = item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.dataset.title);
    item.classList.add("dragged");
  });
  list.addEventListener("dragover", over);
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", drop);
  for (const item of list.children) item.draggable = true;
}
