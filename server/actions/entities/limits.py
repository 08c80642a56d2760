"""How long what an entity says may be, whether a slip, a program or a file brings it."""

MAX_LABEL, MAX_VALUE = 10_000, 100_000
