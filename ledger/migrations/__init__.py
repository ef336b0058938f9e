"""How the ledger's tables came to be, one revision after the other (Alembic)."""
