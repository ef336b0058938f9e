"""The REST calls: scoring in three wire forms, rings, reports, health."""
