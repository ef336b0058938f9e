// Draws a ring: nodes to drag, a panel with what was clicked, switches for shared means, hubs and names.
// Everything shown comes from the JSON in the page; words are put in as text, never as markup.
"use strict";
window.addEventListener("DOMContentLoaded", () => {
  const data = JSON.parse(document.getElementById("ring-data").textContent);
  const place = document.getElementById("graph");
  const facts = document.getElementById("facts");
  const hint = document.getElementById("hint");
  const switches = {
    means: document.getElementById("show-means"),
    hub: document.getElementById("show-hubs"),
    names: document.getElementById("show-names"),
  };

  const drawnNode = (node) => ({
    id: node.id,
    label: switches.names.checked ? node.label : undefined,
    shape: node.shape,
    size: node.size,
    hidden: node.group !== "member" && !switches[node.group].checked,
    physics: node.group !== "hub" || switches.hub.checked,
    color: { background: node.color, border: node.group === "member" ? "#ffffff" : "#90a4ae", highlight: { background: node.color, border: "#102a43" } },
    borderWidth: node.group === "member" ? 1.5 : 1,
    borderWidthSelected: 3,
    shapeProperties: { borderDashes: node.group === "hub" ? [3, 3] : false },
  });
  const byNode = new Map(data.nodes.map((node) => [node.id, node]));
  const nodes = new window.vis.DataSet(data.nodes.map(drawnNode));
  const edges = new window.vis.DataSet(
    data.edges.map((edge, place) => ({
      id: place,
      from: edge.from,
      to: edge.to,
      arrows: edge.arrows,
      width: edge.width,
      dashes: edge.dashes ? [4, 4] : false,
      color: { color: edge.color, highlight: "#102a43", opacity: edge.dashes ? 0.9 : 0.75 },
    })),
  );
  const network = new window.vis.Network(place, { nodes, edges }, {
    autoResize: true,
    layout: { randomSeed: 7, improvedLayout: data.nodes.length < 150 },
    nodes: { font: { size: 12, color: "#334e68", face: "system-ui, sans-serif", strokeWidth: 3, strokeColor: "#ffffff" } },
    edges: { smooth: { enabled: true, type: "continuous", roundness: 0.15 }, arrows: { to: { scaleFactor: 0.55 } }, selectionWidth: 1.5 },
    interaction: { hover: true, keyboard: { enabled: true, bindToWindow: false }, navigationButtons: false, tooltipDelay: 200 },
    physics: {
      solver: "forceAtlas2Based",
      forceAtlas2Based: { gravitationalConstant: -70, centralGravity: 0.012, springLength: 90, springConstant: 0.08, damping: 0.5, avoidOverlap: 0.4 },
      stabilization: { iterations: 300, fit: true },
    },
  });
  network.once("stabilizationIterationsDone", () => {
    network.setOptions({ physics: { enabled: false } }); // what a hand has placed stays there
    network.fit({ animation: false });
    place.dataset.ready = "yes";
  });

  const tell = (rows, url) => {
    facts.replaceChildren();
    hint.hidden = rows.length > 0;
    for (const [name, value] of rows) {
      const term = document.createElement("dt");
      const words = document.createElement("dd");
      term.textContent = name;
      words.textContent = value;
      facts.append(term, words);
    }
    if (url) {
      const link = document.createElement("a");
      link.href = url;
      link.className = "button quiet";
      link.textContent = data.words.open;
      const words = document.createElement("dd");
      words.append(link);
      facts.append(words);
    }
  };
  network.on("click", (event) => {
    if (event.nodes.length > 0) {
      const node = byNode.get(event.nodes[0]);
      tell(node.details, node.url);
    } else if (event.edges.length > 0) {
      tell(data.edges[event.edges[0]].details, "");
    } else {
      tell([], "");
    }
  });
  for (const box of Object.values(switches)) {
    box.addEventListener("change", () => nodes.update(data.nodes.map(drawnNode)));
  }
  window.ringNetwork = network; // for the browser's console
});
