// The game as text: each answer is a paragraph in a log that a screen reader reads out, each command is typed into a field.

function openLines(sent) {
  const log = document.getElementById("lines-log");
  const input = document.getElementById("lines-input");
  document.getElementById("lines-label").textContent = say("lines-label");
  document.getElementById("lines-send").textContent = say("lines-send");
  document.getElementById("lines").hidden = false;
  const past = [];
  let place = 0;
  const add = (lines, mine) => {
    // Lines of an answer come one by one while it is found: they go on where it began.
    const last = log.lastElementChild;
    const block = !mine && last?.className === "answer" ? last : document.createElement("div");
    block.className = mine ? "mine" : "answer";
    for (const line of lines) {
      const paragraph = document.createElement("p");
      paragraph.textContent = line || "\u00a0";
      block.append(paragraph);
    }
    if (block !== last) log.append(block);
    log.scrollTop = log.scrollHeight;
  };
  document.getElementById("lines-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const line = input.value.trim();
    input.value = "";
    if (!line) return;
    past.push(line);
    place = past.length;
    add([line], true);
    sent(line);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    place = Math.max(0, Math.min(past.length, place + (event.key === "ArrowUp" ? -1 : 1)));
    input.value = past[place] ?? "";
    event.preventDefault();
  });
  input.focus();
  return add;
}
