"""Messages of topics: what each kind looks like on the wire, and how it becomes an event."""
