// Who may write: one tab at a time, and the browser is asked not to throw the progress away.

/**
 * Becomes the one tab that plays. Calls `playing` once it is, `elsewhere(take)` where another tab is (`take` makes this the one), and
 * `taken` when another tab has taken over. The lock is held as long as the page lives; a browser lets go of it when a tab dies.
 */
async function claimGame({ playing, elsewhere, taken }) {
  if (!navigator.locks) return playing();
  const name = "tutor";
  const hold = () => new Promise(() => {});
  try {
    const free = await new Promise((settle, fail) => {
      navigator.locks
        .request(name, { ifAvailable: true }, (lock) => {
          settle(Boolean(lock));
          return lock ? hold() : undefined;
        })
        .catch((error) => (error.name === "AbortError" ? taken() : fail(error)));
    });
    if (free) return playing();
    elsewhere(() => {
      navigator.locks
        .request(name, { steal: true }, () => {
          playing();
          return hold();
        })
        .catch((error) => error.name === "AbortError" && taken());
    });
  } catch {
    playing(); // a page without an origin, such as one in a sandboxed frame, keeps nothing that could be overwritten
  }
}

/** Asks the browser to keep what is stored; tells whether it does. */
async function askToKeep() {
  try {
    return (await navigator.storage?.persisted()) || (await navigator.storage?.persist()) || false;
  } catch {
    return false;
  }
}
