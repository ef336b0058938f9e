"""What people and programs talk to: REST, GraphQL, pages."""
