// The sentences of the page are data: the build has written them into BUILD, from tutor/words/en/page.toml.

/** A sentence with its placeholders filled. */
function say(key, values = {}) {
  return BUILD.words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}
