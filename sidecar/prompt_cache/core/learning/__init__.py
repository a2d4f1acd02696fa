"""What is learned of pairs of questions: said by people, by a model that verifies, by answers that are compared."""
