"""Links, uploads, the catalogue of scenarios, and exports."""
