"""One writer for each format: `write(dataset, folder)` makes files in a folder that exists."""
