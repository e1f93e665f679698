"""Speed: what the model and its market core cost, beside other ways of writing them."""
