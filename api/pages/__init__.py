"""Pages for analysts: rendered here, readable without scripts, nothing loaded from outside."""
