"""Graph stores behind one contract: the embedded one and Neo4j."""
