// Sends what people decide about a ring to the API and shows the page anew, or says why it was refused.
"use strict";
window.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("verdict");
  const refused = document.getElementById("refused");
  const name = form.elements.namedItem("by");
  name.value = window.sessionStorage.getItem("tarrafa-name") ?? "";

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const act = event.submitter.name;
    const body = { by: name.value, reason: form.elements.namedItem("reason").value };
    window.sessionStorage.setItem("tarrafa-name", name.value);
    if (act === "remove" || act === "split") {
      body.accounts = [...document.querySelectorAll("input[name=member]:checked")].map((box) => box.value);
    }
    if (act === "merge") body.other = form.elements.namedItem("other").value.trim();
    const place =
      act === "undo"
        ? `/api/v1/rings/verdicts/${encodeURIComponent(event.submitter.value)}/undo`
        : `/api/v1/rings/${form.dataset.ring}/${act}`;
    const answer = await fetch(place, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) {
      const left = await answer.json();
      window.location.assign(left.ring ? `/rings/${encodeURIComponent(left.ring)}` : "/");
      return;
    }
    const problem = (await answer.json()).error;
    refused.textContent = problem.message;
    refused.hidden = false;
  });
});
