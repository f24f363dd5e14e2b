"""The invented people of the sandbox, their departments, devices and certificates."""
