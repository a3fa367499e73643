// One screen at a time, named by the address's fragment, so that Back, reload and plain links all work.

export function makeScreens(onShow) {
  const all = new Map([...document.querySelectorAll(".screen")].map((one) => [one.id, one]));
  let current = null;

  function show(id, { focus = true } = {}) {
    if (!all.has(id) || id === current) return;
    current = id;
    for (const [name, section] of all) section.hidden = name !== id;
    if (focus) {
      window.scrollTo(0, 0);
      all.get(id).querySelector("h1").focus({ preventScroll: true });
    }
    onShow(id, all.get(id));
  }

  function go(id) {
    if (location.hash === `#${id}`) show(id);
    else location.hash = id;
  }

  window.addEventListener("hashchange", () => {
    if (location.hash === "#main") document.getElementById("main").querySelector(".screen:not([hidden]) h1").focus();
    else show(location.hash.slice(1) || "start");
  });

  return {
    go,
    current: () => current,
    begin: () => show(all.has(location.hash.slice(1)) ? location.hash.slice(1) : "start", { focus: false }),
  };
}

/** Dialogs open from `data-open` buttons and close by their own button, Escape, or a tap beside them. */
export function bindDialogs() {
  for (const button of document.querySelectorAll("[data-open]"))
    button.addEventListener("click", () => openDialog(button.dataset.open));
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  dialog.showModal();
  dialog.scrollTop = 0;
  return dialog;
}
