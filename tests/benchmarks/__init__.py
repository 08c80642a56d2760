"""What the server can do on this machine, measured against a real one; `make bench` prints JSON."""
