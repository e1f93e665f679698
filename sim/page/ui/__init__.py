"""The Solara page itself: its layout, its controller, its Vue parts."""
