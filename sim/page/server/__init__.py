"""The server of the page: who may connect, and what they may send."""
