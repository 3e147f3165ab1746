// Who may write: one tab at a time, and the browser is asked not to throw the progress away.

/**
 * Becomes the one tab that plays. Calls `playing` once it is, at once or when the tab that played is closed; `elsewhere(take)` where another
 * tab is (`take` makes this the one), and `taken` when another tab has taken over. The lock is held as long as the page lives; a browser
 * lets go of it when a tab dies.
 */
async function claimGame({ playing, elsewhere, taken }) {
  if (!navigator.locks) return playing();
  const claim = (how) =>
    new Promise((settle, fail) => {
      let held = false;
      navigator.locks
        .request("tutor", how, (lock) => {
          held = Boolean(lock);
          settle(held);
          return held ? new Promise(() => {}) : undefined;
        })
        .catch((error) => (held ? taken() : fail(error)));
    });
  try {
    if (await claim({ ifAvailable: true })) return playing();
  } catch {
    return playing(); // a page without an origin, such as one in a sandboxed frame, keeps nothing that could be overwritten
  }
  const waiting = new AbortController();
  elsewhere(() => {
    waiting.abort();
    claim({ steal: true }).then(playing);
  });
  claim({ signal: waiting.signal }).then(playing, () => {}); // the other tab has been closed
}

/** Asks the browser to keep what is stored; tells whether it does. */
async function askToKeep() {
  try {
    return (await navigator.storage?.persisted()) || (await navigator.storage?.persist()) || false;
  } catch {
    return false;
  }
}
