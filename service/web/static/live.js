"use strict";

// What moves: rows that come by themselves (kit/moving.html). htmx puts them in; the rest is here.

const region = (element) => element.closest("[sse-connect]");
const state = (element, word) => {
  const pill = region(element)?.querySelector("[data-state]");
  if (!pill) return;
  pill.hidden = false;
  pill.textContent = word;
  pill.classList.toggle("live", word === "Live");
};

document.addEventListener("htmx:sseOpen", ({ target, detail }) => {
  state(target, region(target).dataset.waiting ? "Paused" : "Live");
  region(target).querySelector("[data-pause]").hidden = false;
  detail.source.addEventListener("gap", () => location.reload()); // too much has come meanwhile
});

document.addEventListener("htmx:sseError", ({ target }) => state(target, "Connecting again"));

// A row that is here already is replaced, so that none stands twice; while the reader has paused, nothing moves.
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  const here = region(event.target);
  if (here.dataset.waiting) {
    event.preventDefault();
    here.dataset.waiting = Number(here.dataset.waiting) + 1;
    here.querySelector("[data-pause]").textContent = `Show ${here.dataset.waiting - 1} new`;
    return;
  }
  const part = document.createElement("template");
  part.innerHTML = event.detail.data;
  for (const row of part.content.children) if (row.id) document.getElementById(row.id)?.remove();
});

// What has become too long loses its end, but never what is being read.
document.addEventListener("htmx:sseMessage", ({ target }) => {
  target.firstElementChild?.classList.add("arrived");
  const most = Number(target.dataset.most);
  while (most && target.children.length > most && !target.lastElementChild.matches(":focus-within")) {
    target.lastElementChild.remove();
  }
});

document.addEventListener("click", ({ target }) => {
  if (!target.matches("[data-pause]")) return;
  const here = region(target);
  if (here.dataset.waiting) return location.reload();
  here.dataset.waiting = 1;
  target.textContent = "Resume";
  state(target, "Paused");
});
