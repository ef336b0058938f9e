"""GraphQL for investigators: one type per file, one question per loader, limits before execution."""
