// What pages do beyond links and forms; each of them works without it too.
(() => {
  "use strict";

  // A form that was sent is not sent twice; the server answers a second time the same anyway.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.dataset.sent) {
      if (form.dataset.sent) event.preventDefault();
      return;
    }
    if (form.method !== "post" || form.hasAttribute("data-again")) return;
    form.dataset.sent = "true";
    const button = event.submitter;
    if (button) {
      button.setAttribute("aria-busy", "true");
      setTimeout(() => { button.disabled = true; }, 0);
    }
  });

  // On a phone a row of a table becomes a block, each cell with its column's name.
  document.querySelectorAll(".rt-table[data-stack]").forEach((table) => {
    const names = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    // Blocks are no table to a screen reader any more; roles keep it one.
    table.setAttribute("role", "table");
    table.querySelectorAll("thead, tbody, tfoot").forEach((part) => part.setAttribute("role", "rowgroup"));
    table.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
    table.querySelectorAll("thead th").forEach((cell) => cell.setAttribute("role", "columnheader"));
    table.querySelectorAll("tbody th, tfoot th").forEach((cell) => cell.setAttribute("role", "rowheader"));
    table.querySelectorAll("td").forEach((cell) => cell.setAttribute("role", "cell"));
    table.querySelectorAll("tbody tr").forEach((row) => {
      [...row.children].forEach((cell, index) => {
        if (cell.tagName !== "TD" || cell.colSpan > 1) return;
        const inner = document.createElement("span");
        inner.className = "rt-cell";
        inner.append(...cell.childNodes);
        if (inner.textContent.trim() || inner.querySelector("progress, input")) {
          cell.append(inner);
          if (names[index]) cell.dataset.th = names[index];
        }
      });
    });
    table.classList.add("rt-stacked");
  });

  // The present place is in view even where the strip of places is longer than the screen.
  const here = document.querySelector(".rt-nav [aria-current]");
  if (here) here.parentElement.parentElement.scrollLeft = here.offsetLeft - 24;

  // Coming back by the browser's own button, the form is free again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => {
        button.disabled = false;
        button.removeAttribute("aria-busy");
      });
    });
  });

  // A menu closes on Escape and when something else is pressed.
  const closeMenus = (except) => {
    document.querySelectorAll("details.rt-menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus();
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.rt-menu"));
    const fill = event.target.closest("[data-fill-login]");
    if (!fill) return;
    const login = document.querySelector("input[name=login]");
    const password = document.querySelector("input[name=password]");
    if (!login || !password) return;
    event.preventDefault();
    login.value = fill.dataset.fillLogin;
    password.value = fill.dataset.fillPassword;
    login.form.querySelector("button[type=submit]").focus();
  });
})();
