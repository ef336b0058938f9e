// Opens GraphiQL on the page it is loaded in; queries go to this service only.
"use strict";
window.addEventListener("DOMContentLoaded", () => {
  const example = [
    "# Rings by score; press the play button or Ctrl-Enter.",
    "{",
    "  rings(first: 5) {",
    "    nodes {",
    "      id kind score size inCents outCents retainedCents",
    "      evidence { text totalEvents }",
    "      members(first: 5) { role score account { id } }",
    "    }",
    "    pageInfo { hasNextPage endCursor }",
    "  }",
    "}",
    "",
  ].join("\n");
  const fetcher = async (params) => {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(params),
      credentials: "same-origin",
    });
    return answer.json();
  };
  const element = window.React.createElement(window.GraphiQL, { fetcher, defaultQuery: example, defaultEditorToolsVisibility: true });
  window.ReactDOM.render(element, document.getElementById("graphiql"));
});
