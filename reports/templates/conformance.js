"use strict";
(() => {
  const form = document.getElementById("filter");
  const field = form.querySelector("input");
  const picked = form.querySelector("select");
  const told = form.querySelector("output");
  let items;
  const groups = [...document.querySelectorAll("details.binding")];
  const apply = () => {
    items ??= [...document.querySelectorAll("[data-verdict]")].map((node) => [node, `${node.id} ${node.textContent}`.toLowerCase()]);
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [node, text] of items) {
      const keeps = (!picked.value || node.dataset.verdict === picked.value) && words.every((word) => text.includes(word));
      node.hidden = !keeps;
      shown += keeps;
    }
    const active = Boolean(words.length || picked.value);
    for (const group of groups) {
      const rows = group.querySelectorAll("[data-verdict]");
      group.hidden = active && rows.length > 0 && !group.querySelector("[data-verdict]:not([hidden])");
    }
    told.textContent = active ? `${shown.toLocaleString("en")} of ${items.length.toLocaleString("en")} entries` : "";
  };
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) { form.reset(); apply(); }
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  };
  let waiting;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  picked.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", reveal);
  form.hidden = false;
  reveal();
})();
