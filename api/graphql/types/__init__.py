"""The types of the schema, one per file."""
