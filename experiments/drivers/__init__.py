"""What drives what: on which parameters the headline metrics and the studies' answers hang."""
