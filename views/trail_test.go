package views_test

import (
	"context"
	"slices"
	"testing"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// What was changed is told in words, at the clock of the place.
func TestAChangeIsToldInWords(t *testing.T) {
	ctx := text.In(context.Background(), text.Chinese)
	got := views.RecordChanges(ctx, models.Record{At: "2026-03-02T09:00:00+08:00", Changed: map[string][2]string{
		"due_on":                    {"2026-03-20", "2026-04-20"},
		"status":                    {"underway", "submitted"},
		"standing":                  {"", "true"},
		"letters 2 status":          {"signed", "acknowledged"},
		"letters 2 acknowledged_at": {"", "2026-03-02T01:00:00Z"},
		"letters 2 version":         {"2", "3"},
		"users 7 role":              {"handler", "supervisor"},
		"extensions 3 state":        {"asked", "granted"},
		"submissions 20 outcome":    {"", "close"},
	}})
	want := []views.Change{
		{"到期日", "2026-03-20", "2026-04-20"},
		{"延期 3 状态", "待审批", "同意"},
		{"文书 2 签收时间", "", "2026-03-02 09:00"},
		{"文书 2 状态", "待签收", "待答复"},
		{"长期坚持", "", "是"},
		{"状态", "整改中", "待审核"},
		{"送审 20 结果", "", "通过销号"},
		{"账号 7 角色", "经办人", "督办"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
