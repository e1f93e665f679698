"""The server of the page: its gate, and the messages it accepts."""
