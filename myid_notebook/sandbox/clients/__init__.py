"""The clients that may use the authorization server, in MyID's vocabulary (CORE 4.1)."""
