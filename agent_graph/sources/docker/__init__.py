"""The container engine, Docker or Podman: what it says about the target, its siblings and what was changed."""
