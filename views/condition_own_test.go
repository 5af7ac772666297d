package views

import (
	"slices"
	"testing"

	"duban/models"
)

func TestEveryConditionOfAFilterHasWords(t *testing.T) {
	var said []string
	for _, c := range filterConditions {
		said = append(said, c.key)
	}
	asked := models.FilterKeys()
	slices.Sort(said)
	slices.Sort(asked)
	if !slices.Equal(said, asked) {
		t.Errorf("pages have words for %v, and filters leave items out by %v", said, asked)
	}
}
