"""The Flask application: receives, keeps, checks and hands out submissions."""
