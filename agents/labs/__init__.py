"""Labs: their money, compute, ideas, models and prices; hosts and pools of open models."""
