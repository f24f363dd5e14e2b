"""Send requests to MyID: TLS, proxies, time limits, errors in words."""
