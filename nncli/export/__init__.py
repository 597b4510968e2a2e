"""Trained networks in other formats: ONNX, PyTorch, NumPy and C."""
