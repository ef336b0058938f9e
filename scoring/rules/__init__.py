"""Rules that people write: expressions over the feature registry, their life, and what they would have done."""
