"""Ring finding: patterns and shared means become rings with identity, roles and money."""
