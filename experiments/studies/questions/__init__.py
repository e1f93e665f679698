"""The questions that the model is asked, one file each."""
