"""What runs in a sandbox, opened in a browser: a process of its own that passes HTTP and WebSockets on."""
