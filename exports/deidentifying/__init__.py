"""The de-identified profile: what leads to people left out, changed or made coarser."""
