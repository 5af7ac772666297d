package models

// Advised are the ways out that sentences name.
func Advised() map[string][]Act { return advised }
