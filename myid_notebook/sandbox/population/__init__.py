"""The fictitious organisation of the sandbox: people, groups, devices and certificates."""
