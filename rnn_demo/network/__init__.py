"""The network as the literature writes it, and its gradients as fast as a CPU allows."""
