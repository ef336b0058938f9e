"""Models that learn from the stream: data sets by replay, training, evaluation, artefacts; the only room with torch."""
