"""One package for each protocol: read the request, call, commit, write the answer."""
