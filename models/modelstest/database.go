package modelstest

import "testing"

// EachDatabase runs a story on an empty database of each kind.
func EachDatabase(t *testing.T, run func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+t.TempDir()+"/duban.db") })
}
