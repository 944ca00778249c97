"""The map: everybody signed in, each as far as they may see."""

WHO = {"graph": "everybody"}
