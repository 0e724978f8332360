"""The container images that sandboxes pull: made from Debian packages, served read-only."""
