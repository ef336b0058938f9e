"""The language of the graph: events, links, evidence, errors, identity; the hot window, the log and the stores."""
