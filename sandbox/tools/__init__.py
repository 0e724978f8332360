"""The programs of Kubernetes and what goes with it: Go modules pinned by go.mod and go.sum, built unchanged."""
