"""The live page: an economy watched, shocked and compared in a browser.

`session` holds the runs of one page and what is done to them; `panels`, `graph`, `circulation` and
`sheet` draw them; `app` puts both on a Solara page, and `server` serves it to this machine only.
"""
