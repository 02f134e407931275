"""What Kubernetes objects say: pods, events, workloads and nodes, read as `kubectl get -o json` prints them."""
