"""What runs around the service: the real servers the tests talk to, and the image."""
