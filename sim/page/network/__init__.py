"""The supply graph on the page, and the sheet of an agent."""
