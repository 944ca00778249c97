"""The REST edge: translation between HTTP and commands, the same for every resource."""
