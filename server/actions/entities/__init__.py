"""The register: lists that forms declare, entities that slips make, and who has which of them."""
